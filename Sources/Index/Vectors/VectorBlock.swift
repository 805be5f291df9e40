internal import CHNSW

/// Memory for some vectors that never moves.
///
/// Row by row it passes from the writer to the readers: the writer alone writes rows beyond the count that was last
/// published, readers read rows below the count of their snapshot, and a row is not written again once published.
final class VectorBlock: @unchecked Sendable {
    // Unchecked: the compiler cannot see the rule above. Snapshots are handed over under a lock, which orders the
    // writer's stores before every reader's loads.

    let dimension: Int
    /// Vectors.
    let capacity: Int
    private let floats: UnsafeMutablePointer<Float>

    /// Traps where the system has no memory: an index that cannot grow cannot follow its log.
    ///
    /// - Parameter prefersHugePages: reading through is up to 1.7 times faster on them, but one vector makes 2 MiB
    ///   resident.
    init(dimension: Int, capacity: Int, prefersHugePages: Bool) {
        self.dimension = dimension
        self.capacity = capacity
        let bytes = capacity * dimension * MemoryLayout<Float>.stride
        guard let pages = chnsw_pages_create(bytes, prefersHugePages) else {
            fatalError("the system gives no memory for further vectors")
        }
        floats = pages.bindMemory(to: Float.self, capacity: capacity * dimension)
    }

    deinit {
        chnsw_pages_destroy(floats, bytes)
    }

    var bytes: Int { capacity * dimension * MemoryLayout<Float>.stride }

    /// Writer only, and only beyond what is published.
    func write(_ vector: [Float], at place: Int) {
        precondition(place < capacity && vector.count == dimension, "a vector fits its block")
        vector.withUnsafeBufferPointer { vector in
            // A vector of `dimension` floats has a base address, as dimension is not 0.
            chnsw_copy(floats + place * dimension, vector.baseAddress!, dimension)
        }
    }

    /// Valid while the block lives, which the caller's reference sees to.
    func vector(at place: Int) -> UnsafePointer<Float> {
        UnsafePointer(floats + place * dimension)
    }
}
