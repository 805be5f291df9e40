/// Vectors of consecutive rows in blocks: the growing segment, and a sealed one until its graph is there.
struct BlockRun: Sendable {
    /// A run begins with a small block, as most verticals may never fill one, and goes on with large ones on huge
    /// pages.
    private static let firstCapacity = 1_024
    private static let furtherCapacity = 4_096

    let dimension: Int
    private(set) var rows: Range<Int>
    private var blocks: [VectorBlock] = []

    init(dimension: Int, from row: Int) {
        self.dimension = dimension
        rows = row..<row
    }

    var bytes: Int { blocks.reduce(0) { $0 + $1.bytes } }

    /// Writer only.
    mutating func append(_ vector: [Float]) {
        let (block, place) = Self.place(of: rows.count)
        if block == blocks.count {
            blocks.append(
                VectorBlock(
                    dimension: dimension,
                    capacity: block == 0 ? Self.firstCapacity : Self.furtherCapacity,
                    prefersHugePages: block > 0,
                )
            )
        }
        blocks[block].write(vector, at: place)
        rows = rows.lowerBound..<(rows.upperBound + 1)
    }

    /// Valid while the run is held.
    func vector(of row: Int) -> UnsafePointer<Float> {
        let (block, place) = Self.place(of: row - rows.lowerBound)
        return blocks[block].vector(at: place)
    }

    /// The run as stretches of memory that can be read through, in the order of rows.
    func forEachStretch(_ body: (_ base: UnsafePointer<Float>, _ rows: Range<Int>) -> Void) {
        var first = rows.lowerBound
        for block in blocks {
            let end = min(first + block.capacity, rows.upperBound)
            guard first < end else { return }
            body(block.vector(at: 0), first..<end)
            first = end
        }
    }

    private static func place(of index: Int) -> (block: Int, place: Int) {
        if index < firstCapacity { return (0, index) }
        let further = index - firstCapacity
        return (1 + further / furtherCapacity, further % furtherCapacity)
    }
}
