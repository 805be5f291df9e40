internal import CHNSW

/// An HNSW graph that is built by one thread and then only read; it holds its vectors.
///
/// Rows are those of the vertical, in ascending order; dead ones stay in and are left out by each search.
final class SealedGraph: @unchecked Sendable {
    // Unchecked: the C++ object is handed over finished, and a finished graph is safe to read from any thread (its
    // list of visited marks has a lock of its own).

    private let graph: OpaquePointer
    let count: Int
    let bytes: Int

    fileprivate init(finished graph: OpaquePointer, count: Int) {
        self.graph = graph
        self.count = count
        bytes = chnsw_graph_bytes(graph)
    }

    deinit {
        chnsw_graph_destroy(graph)
    }

    /// Where its vectors lie, valid while the graph is held.
    var vectors: chnsw_rows { chnsw_graph_rows(graph) }

    /// The nearest that a walk finds among the allowed rows, with their exact similarities.
    ///
    /// - Parameters:
    ///   - breadth: HNSW's ef; the walk goes by 8-bit codes of the vectors.
    ///   - wanted: how many of the rows it keeps are compared with exactly.
    ///   - matches: called for each of these, in no certain order.
    /// - Returns: false where the walk found no memory to work in; nothing was matched then.
    func search(
        _ query: UnsafePointer<Float>,
        breadth: Int,
        wanted: Int,
        allowed: Bitmap,
        matches: (_ row: Int, _ similarity: Float) -> Void,
    ) -> Bool {
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: wanted) { rows in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: wanted) { similarities in
                allowed.words.withUnsafeBufferPointer { words in
                    // None of the three is empty: some are wanted, and a graph has rows, so the bitmap has words.
                    let (words, rows) = (words.baseAddress!, rows.baseAddress!)
                    let similarities = similarities.baseAddress!
                    var found = 0
                    let status = chnsw_graph_search(graph, query, breadth, wanted, words, rows, similarities, &found)
                    guard status == CHNSW_OK else { return false }
                    for index in 0..<found { matches(Int(rows[index]), similarities[index]) }
                    return true
                }
            }
        }
    }

    /// The row's vector; nil where the graph does not hold it. Valid while the graph is held.
    func vector(of row: Int) -> UnsafePointer<Float>? { vectors.vector(of: row) }
}

/// A graph that one thread is building.
struct GraphUnderConstruction: ~Copyable {
    private let graph: OpaquePointer
    private var count = 0

    /// Traps where the system has no memory.
    init(settings: IndexSettings, capacity: Int) {
        var graph: OpaquePointer?
        // CHNSW_OK or CHNSW_NO_MEMORY.
        let status = chnsw_graph_create(
            settings.dimension,
            capacity,
            settings.graphLinks,
            settings.graphBreadth,
            settings.graphSeed,
            &graph
        )
        guard status == CHNSW_OK, let graph else {
            fatalError("the system gives no memory for a graph of \(capacity) vectors")
        }
        self.graph = graph
    }

    deinit {
        chnsw_graph_destroy(graph)
    }

    /// - Parameter row: greater than those before.
    mutating func add(_ vector: UnsafePointer<Float>, row: Int) {
        // CHNSW_FULL and CHNSW_DUPLICATE: the caller adds more rows than it said, or one twice. CHNSW_BROKEN: hnswlib
        // found its own structure broken. CHNSW_NO_MEMORY: as it says. None can be mended here.
        let status = chnsw_graph_add(graph, vector, UInt64(row))
        precondition(status == CHNSW_OK, "a graph takes the rows it was made for (status \(status.rawValue))")
        count += 1
    }

    consuming func finish() -> SealedGraph {
        chnsw_graph_finish(graph)
        let sealed = SealedGraph(finished: graph, count: count)
        // The sealed graph owns the C++ object from here on.
        discard self
        return sealed
    }
}
