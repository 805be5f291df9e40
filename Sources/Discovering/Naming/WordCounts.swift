internal import Core

/// What is counted in the utterances of one cluster.
struct WordCounts {
    let size: Int
    /// Of each stem, how many utterances have it.
    private(set) var utterances: [String: Int] = [:]
    /// The same of verbs of the lists, where they are used as verbs.
    private(set) var verbs: [String: Int] = [:]
    /// Sum of `utterances`.
    private(set) var total = 0
    private var written: [String: [String: Int]] = [:]
    /// Of each utterance its stems, in order.
    private let texts: [[String]]

    /// Words before an English verb that is no noun: what is asked for, and who is to do it.
    private static let beforeVerbs: Set<String> = [
        "to", "please", "can", "could", "cannot", "you", "we", "they", "will", "would", "should", "must", "may",
        "might", "not",
        "never", "let", "me", "us", "don", "ll", "wanna", "gonna", "just", "and", "kindly",
    ]
    private static let stems = Dictionary(
        ActionVerbs.verbs(of: nil).map { (NameWord($0).stem, $0) },
        uniquingKeysWith: { first, _ in first }
    )

    init(_ cluster: [String]) {
        size = cluster.count
        var texts: [[String]] = []
        for text in cluster {
            let words = NameWord.all(in: text)
            texts.append(words.map(\.stem))
            var seen: Set<String> = []
            var acted: Set<String> = []
            for (place, word) in words.enumerated() {
                if seen.insert(word.stem).inserted { utterances[word.stem, default: 0] += 1 }
                written[word.stem, default: [:]][word.written, default: 0] += 1
                let isVerb = place == 0 || Self.beforeVerbs.contains(words[place - 1].written)
                if isVerb, Self.stems[word.stem] != nil, acted.insert(word.stem).inserted {
                    verbs[word.stem, default: 0] += 1
                }
            }
            total += seen.count
        }
        self.texts = texts
    }

    /// The verb of the lists that has this stem.
    static func listed(_ stem: String) -> String? { stems[stem] }

    /// A stem as people read it: a verb of the lists as it stands there where it is only used so, else the shortest of the
    /// forms that are written at least half as often as the commonest.
    func shown(_ stem: String) -> String {
        if let verb = Self.stems[stem], (verbs[stem] ?? 0) * 2 > (utterances[stem] ?? 0) { return verb }
        let forms = written[stem] ?? [:]
        let most = forms.values.max() ?? 0
        let common = forms.filter { $0.value * 2 >= most }.keys
        return common.min { ($0.unicodeScalars.count, $0) < ($1.unicodeScalars.count, $1) } ?? stem
    }

    func isStopWord(_ stem: String) -> Bool {
        (written[stem] ?? [:]).keys.allSatisfy { StopWords.contains($0) }
    }

    /// For each two of these stems in how many utterances the one (row) stands before the other (column), by their first
    /// places.
    func order(of stems: [String]) -> [[Int]] {
        let places = Dictionary(stems.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        var counts = [[Int]](repeating: [Int](repeating: 0, count: stems.count), count: stems.count)
        for text in texts {
            var found: [Int] = []
            for stem in text {
                if let place = places[stem], !found.contains(place) { found.append(place) }
            }
            for (offset, first) in found.enumerated() {
                for second in found.dropFirst(offset + 1) { counts[first][second] += 1 }
            }
        }
        return counts
    }
}
