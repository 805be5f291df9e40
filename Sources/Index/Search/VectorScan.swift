internal import CHNSW

/// Exact search for a few queries in one pass: reads vectors through, a tile at a time, so that what has been found so
/// far narrows what is looked for.
struct VectorScan {
    /// Reading takes most of the time, so eight queries take three times as long as one.
    static let maximumQueries = Int(CHNSW_MAXIMUM_QUERIES)
    private static let tile = 256

    /// 1 to `maximumQueries`, valid while the scan runs.
    let queries: [UnsafePointer<Float>]
    let allowed: Bitmap

    /// - Parameters:
    ///   - threshold: the similarity that is of interest to a query, asked before each tile.
    ///   - matches: called for each allowed row that reaches it, in the order of rows.
    func run(
        over stretch: chnsw_rows,
        threshold: (_ query: Int) -> Float,
        matches: (_ query: Int, _ row: Int, _ similarity: Float) -> Void,
    ) {
        withBuffers { queries, words, rows, similarities in
            var bounds = [Float](repeating: 0, count: self.queries.count)
            var found = [Int](repeating: 0, count: self.queries.count)
            for first in stride(from: 0, to: stretch.count, by: Self.tile) {
                var tile = stretch
                tile.base = stretch.base + first * stretch.stride
                tile.first_number = stretch.first_number + UInt64(first)
                tile.count = min(Self.tile, stretch.count - first)
                for query in bounds.indices { bounds[query] = threshold(query) }
                chnsw_scan(queries, bounds.count, &tile, words, &bounds, rows, similarities, &found)
                for query in found.indices {
                    for place in (query * tile.count)..<(query * tile.count + found[query]) {
                        matches(query, Int(rows[place]), similarities[place])
                    }
                }
            }
        }
    }

    private func withBuffers(
        _ body: (
            UnsafePointer<UnsafePointer<Float>>, UnsafePointer<UInt64>, UnsafeMutablePointer<UInt32>,
            UnsafeMutablePointer<Float>
        ) -> Void
    ) {
        precondition((1...Self.maximumQueries).contains(queries.count), "a scan is for a few queries")
        let capacity = Self.tile * queries.count
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: capacity) { rows in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: capacity) { similarities in
                queries.withUnsafeBufferPointer { queries in
                    allowed.words.withUnsafeBufferPointer { words in
                        // A vertical without a row has no words; no stretch of it is ever read then.
                        guard let first = words.baseAddress else { return }
                        // None of the others is empty: there is a query, and a tile has rows.
                        body(queries.baseAddress!, first, rows.baseAddress!, similarities.baseAddress!)
                    }
                }
            }
        }
    }
}
