/// An HNSW graph over all rows of one table, which it copies: for work on whole tables too large to compare every row with
/// every other.
///
/// Built on the calling thread by `init`; any number of threads may search it afterwards. The same rows, settings and seed
/// give the same graph and the same answers, on processors of equal instruction sets.
package final class TableGraph: Sendable {
    /// Rows between two calls of `init`'s checkpoint.
    private static let rowsBetweenCheckpoints = 256

    private let graph: SealedGraph
    private let everyRow: Bitmap

    /// Traps where the system has no memory.
    ///
    /// - Parameters:
    ///   - values: rows of unit vectors one behind the other.
    ///   - checkpoint: called now and then; what it throws ends the construction.
    package init(
        _ values: UnsafeBufferPointer<Float>,
        dimension: Int,
        seed: UInt64,
        checkpoint: () throws -> Void,
    ) rethrows {
        let count = values.count / dimension
        let settings = IndexSettings(dimension: dimension, graphSeed: seed)
        var construction = GraphUnderConstruction(settings: settings, capacity: count)
        if let base = values.baseAddress {
            for row in 0..<count {
                if row % Self.rowsBetweenCheckpoints == 0 { try checkpoint() }
                construction.add(base + row * dimension, row: row)
            }
        }
        graph = construction.finish()
        everyRow = Bitmap(repeating: true, count: count)
    }

    /// The rows that a walk finds nearest, with their exact similarities, the query's own row among them.
    ///
    /// - Parameters:
    ///   - query: of the table's dimension.
    ///   - breadth: HNSW's ef.
    ///   - wanted: at most so many.
    ///   - matches: called for each, in no certain order.
    /// - Returns: false where the walk found no memory to work in; nothing was matched then.
    package func search(
        _ query: UnsafePointer<Float>,
        breadth: Int,
        wanted: Int,
        matches: (_ row: Int, _ similarity: Float) -> Void,
    ) -> Bool {
        guard graph.count > 0 else { return true }
        return graph.search(query, breadth: breadth, wanted: wanted, allowed: everyRow, matches: matches)
    }
}
