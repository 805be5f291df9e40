/// A sealed stretch of a vertical's rows.
///
/// Which segments there are, and which rows each one's graph holds, is a function of the log's position alone; what
/// serves a segment meanwhile (`parts`) depends on how far the graphs have been built.
struct Segment: Sendable {
    /// Given out in order, never again; a merge or a compaction makes a new segment.
    let number: Int
    let rows: Range<Int>
    let tier: Int
    /// Rows that were live when the segment was decided on.
    let members: Int
    /// Rows that are live now.
    var live: Int
    /// Rows that a search may find now: live, and of an enabled intent.
    var searchable: Int
    /// In the order of rows.
    var parts: [VectorPart]
    /// The rows that its graph is to hold; nil once that graph serves.
    var awaited: Bitmap?

    /// Rows that are searched exactly until a graph is there.
    var rowsWithoutGraph: Int {
        parts.reduce(0) { sum, part in
            if case .graph = part { sum } else { sum + part.count }
        }
    }
}
