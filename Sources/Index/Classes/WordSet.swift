internal import Core

/// A text as the set of its words, of the pairs that stand beside each other, and of those with one word between; where it
/// begins and ends is a word too.
///
/// Of a long text a sample, so that what it takes in memory is bounded: those with the smallest hashes, which are the same ones in
/// every text that has them.
struct WordSet: Sendable {
    /// Sorted, each once, so that whatever is summed over them is summed in the same order everywhere.
    let features: [UInt64]

    /// Of some eighty words.
    static let most = 256
    private static let start: UInt64 = 1
    private static let end: UInt64 = 2

    init(_ text: String) {
        let words = text.wordHashes
        guard !words.isEmpty else {
            features = []
            return
        }
        let whole = [Self.start] + words + [Self.end]
        let neighbours = zip(whole, whole.dropFirst()).map { FeatureHash.hash($0, $1, kind: .neighbours) }
        let apart = zip(whole, whole.dropFirst(2)).map { FeatureHash.hash($0, $1, kind: .apart) }
        var features: [UInt64] = []
        for feature in (words + neighbours + apart).sorted() where feature != features.last {
            features.append(feature)
            if features.count == Self.most { break }
        }
        self.features = features
    }
}
