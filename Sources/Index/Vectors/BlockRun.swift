/// Vectors of consecutive rows in blocks: the growing segment, and a sealed one until its graph is there.
struct BlockRun: Sendable {
    let dimension: Int
    private(set) var rows: Range<Int>
    private var blocks: [VectorBlock] = []

    init(dimension: Int, from row: Int) {
        self.dimension = dimension
        rows = row..<row
    }

    var bytes: Int { blocks.count * VectorBlock.capacity * dimension * MemoryLayout<Float>.stride }

    /// Writer only.
    mutating func append(_ vector: [Float]) {
        if rows.count == blocks.count * VectorBlock.capacity { blocks.append(VectorBlock(dimension: dimension)) }
        blocks[blocks.count - 1].write(vector, at: rows.count % VectorBlock.capacity)
        rows = rows.lowerBound..<(rows.upperBound + 1)
    }

    /// Valid while the run is held.
    func vector(of row: Int) -> UnsafePointer<Float> {
        let place = row - rows.lowerBound
        return blocks[place / VectorBlock.capacity].vector(at: place % VectorBlock.capacity)
    }

    /// The run as stretches of memory that can be read through, in the order of rows.
    func forEachStretch(_ body: (_ base: UnsafePointer<Float>, _ rows: Range<Int>) -> Void) {
        var first = rows.lowerBound
        for block in blocks {
            let end = min(first + VectorBlock.capacity, rows.upperBound)
            guard first < end else { return }
            body(block.vector(at: 0), first..<end)
            first = end
        }
    }
}
