internal import CHNSW

/// Exact search: reads vectors through, a tile at a time, so that what has been found so far narrows what is looked for.
struct VectorScan {
    private static let tile = 256

    /// Valid while the scan runs.
    let query: UnsafePointer<Float>
    let allowed: Bitmap

    /// - Parameters:
    ///   - threshold: the similarity that is of interest, asked before each tile.
    ///   - matches: called for each allowed row that reaches it, in the order of rows.
    func run(
        over stretch: chnsw_rows,
        threshold: () -> Float,
        matches: (_ row: Int, _ similarity: Float) -> Void,
    ) {
        withBuffers { words, rows, similarities in
            for first in stride(from: 0, to: stretch.count, by: Self.tile) {
                var tile = stretch
                tile.base = stretch.base + first * stretch.stride
                tile.first_number = stretch.first_number + UInt64(first)
                tile.count = min(Self.tile, stretch.count - first)
                let found = chnsw_scan(query, &tile, words, threshold(), rows, similarities)
                for place in 0..<found { matches(Int(rows[place]), similarities[place]) }
            }
        }
    }

    private func withBuffers(
        _ body: (UnsafePointer<UInt64>, UnsafeMutablePointer<UInt32>, UnsafeMutablePointer<Float>) -> Void
    ) {
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: Self.tile) { rows in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: Self.tile) { similarities in
                allowed.words.withUnsafeBufferPointer { words in
                    // A vertical without a row has no words; no stretch of it is ever read then.
                    guard let first = words.baseAddress else { return }
                    // Neither of the others is empty: a tile has rows.
                    body(first, rows.baseAddress!, similarities.baseAddress!)
                }
            }
        }
    }
}
