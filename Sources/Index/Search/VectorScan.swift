internal import CHNSW

/// Exact search: reads vectors through, a tile at a time, so that what has been found so far narrows what is looked for.
struct VectorScan {
    private static let tile = 256

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
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: Self.tile) { rows in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: Self.tile) { similarities in
                allowed.words.withUnsafeBufferPointer { words in
                    var first = 0
                    while first < stretch.count {
                        var tile = stretch
                        tile.base = stretch.base + first * stretch.stride
                        tile.first_number = stretch.first_number + UInt64(first)
                        tile.count = min(Self.tile, stretch.count - first)
                        var query: UnsafePointer<Float> = self.query
                        var bound = threshold()
                        var found = 0
                        // None of the buffers is empty: a stretch has rows, so the bitmap has words.
                        chnsw_scan(
                            &query,
                            1,
                            &tile,
                            words.baseAddress!,
                            &bound,
                            rows.baseAddress!,
                            similarities.baseAddress!,
                            &found
                        )
                        for index in 0..<found { matches(Int(rows[index]), similarities[index]) }
                        first += tile.count
                    }
                }
            }
        }
    }
}
