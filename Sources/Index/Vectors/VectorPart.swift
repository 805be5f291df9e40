internal import CHNSW

/// Where the vectors of consecutive rows lie, and so how they are searched.
enum VectorPart: Sendable {
    /// Searched exactly. Followed by `graph`.
    case blocks(BlockRun)
    /// A snapshot's, searched exactly. Followed by `graph`.
    case mapped(MappedRows, rows: Range<Int>)
    /// Walked, or where that would not pay or exactness is asked for read through. Rows that were dead when the graph
    /// was decided on are not in it. Followed by another `graph` after a merge or a compaction.
    case graph(SealedGraph, rows: Range<Int>)

    var rows: Range<Int> {
        switch self {
        case .blocks(let run): run.rows
        case .mapped(_, let rows), .graph(_, let rows): rows
        }
    }

    var bytes: Int {
        switch self {
        case .blocks(let run): run.bytes
        case .mapped(let mapped, _): mapped.bytes
        case .graph(let graph, _): graph.bytes
        }
    }

    /// Vectors held, dead ones included.
    var count: Int {
        switch self {
        case .blocks(let run): run.rows.count
        case .mapped(let mapped, _): mapped.count
        case .graph(let graph, _): graph.count
        }
    }

    /// Of a row that was live when the part was made. Valid while the part is held.
    func vector(of row: Int) -> UnsafePointer<Float>? {
        switch self {
        case .blocks(let run): run.rows.contains(row) ? run.vector(of: row) : nil
        case .mapped(let mapped, _): mapped.vectors.vector(of: row)
        case .graph(let graph, _): graph.vector(of: row)
        }
    }

    /// The vectors as stretches of memory, in the order of rows, for `VectorScan`.
    func forEachStretch(_ body: (chnsw_rows) -> Void) {
        switch self {
        case .blocks(let run): run.forEachStretch(body)
        case .mapped(let mapped, _): body(mapped.vectors)
        case .graph(let graph, _): body(graph.vectors)
        }
    }
}

extension BlockRun {
    func forEachStretch(_ body: (chnsw_rows) -> Void) {
        forEachStretch { base, rows in
            body(
                chnsw_rows(
                    base: base,
                    stride: dimension * MemoryLayout<Float>.stride,
                    count: rows.count,
                    dimension: dimension,
                    first_number: UInt64(rows.lowerBound),
                    numbers_offset: 0,
                )
            )
        }
    }
}
