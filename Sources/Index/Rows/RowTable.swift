internal import Core

/// What is known of every row that a vertical has had, in the order in which they came.
///
/// Rows are never moved or numbered anew, so that segments can be merged without touching what refers to a row.
struct RowTable: Sendable {
    private(set) var chunks: [RowChunk] = []
    private(set) var count = 0

    var bytes: Int { chunks.reduce(0) { $0 + $1.bytes } }

    mutating func append(_ facts: RowFacts) {
        if count % RowChunk.capacity == 0 { chunks.append(RowChunk()) }
        chunks[chunks.count - 1].append(facts)
        count += 1
    }

    mutating func appendDead() {
        if count % RowChunk.capacity == 0 { chunks.append(RowChunk()) }
        chunks[chunks.count - 1].appendDead()
        count += 1
    }

    mutating func relabel(_ row: Int, slot: UInt32) {
        chunks[row / RowChunk.capacity].relabel(row % RowChunk.capacity, slot: slot)
    }

    mutating func remove(_ row: Int) {
        chunks[row / RowChunk.capacity].remove(row % RowChunk.capacity)
    }

    /// - Precondition: the row is live; so for the accessors below.
    subscript(_ row: Int) -> RowFacts { chunks[row / RowChunk.capacity][row % RowChunk.capacity] }

    func slot(of row: Int) -> UInt32 { chunks[row / RowChunk.capacity].slots[row % RowChunk.capacity] }
    func exemplar(of row: Int) -> ExemplarID { chunks[row / RowChunk.capacity].exemplar(of: row % RowChunk.capacity) }
    func encoder(of row: Int) -> UInt16 { chunks[row / RowChunk.capacity].encoder(of: row % RowChunk.capacity) }
    func text(of row: Int) -> String { chunks[row / RowChunk.capacity].text(of: row % RowChunk.capacity) }

    func firstSequence(of row: Int) -> LogSequence {
        chunks[row / RowChunk.capacity].firstSequence(of: row % RowChunk.capacity)
    }

    /// The live rows whose intent's slot is accepted.
    func rows(whereSlot accepted: [Bool]) -> Bitmap {
        var words = [UInt64](repeating: 0, count: (count + 63) / 64)
        accepted.withUnsafeBufferPointer { accepted in
            for (index, chunk) in chunks.enumerated() where chunk.liveCount > 0 {
                let first = index * RowChunk.capacity
                chunk.slots.withUnsafeBufferPointer { slots in
                    for place in 0..<slots.count {
                        let slot = slots[place]
                        guard slot != RowChunk.deadSlot, accepted[Int(slot)] else { continue }
                        words[(first + place) / 64] |= 1 << UInt64(place % 64)
                    }
                }
            }
        }
        return Bitmap(words: words, count: count)
    }
}
