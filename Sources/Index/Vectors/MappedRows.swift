internal import CHNSW

/// The members of a sealed segment where a snapshot's memory has them: vectors with their rows, in ascending order, dead
/// ones included. They go once the segment's graph is there and nobody reads them.
struct MappedRows: Sendable {
    private let memory: SnapshotMemory
    private let offset: Int
    private let dimension: Int
    let count: Int

    /// - Parameter range: of the memory, as long as so many members are.
    init(_ memory: SnapshotMemory, _ range: Range<Int>, dimension: Int) {
        self.memory = memory
        self.dimension = dimension
        offset = range.lowerBound
        count = range.count / SnapshotFormat.stride(dimension: dimension)
    }

    var bytes: Int { count * SnapshotFormat.stride(dimension: dimension) }

    /// Valid while this value is held.
    var vectors: chnsw_rows {
        chnsw_rows(
            base: UnsafeRawPointer(memory.base + offset),
            stride: SnapshotFormat.stride(dimension: dimension),
            count: count,
            dimension: dimension,
            first_number: 0,
            numbers_offset: SnapshotFormat.numberOffset(dimension: dimension),
        )
    }
}
