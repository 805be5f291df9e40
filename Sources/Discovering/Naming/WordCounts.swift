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
    /// How many utterances ask for something to know.
    private(set) var asking = 0
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
            if Questions.asks(words) { asking += 1 }
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

    /// Whether most of what is written for a stem says nothing: a `whats` among many `what` makes no keyword of it.
    func isStopWord(_ stem: String) -> Bool {
        let forms = written[stem] ?? [:]
        let silent = forms.filter { StopWords.contains($0.key) }.values.reduce(0, +)
        return silent * 2 > forms.values.reduce(0, +)
    }

    /// Two and three words of these that follow each other, and in how many utterances; stop words between them are passed
    /// over.
    ///
    /// - Parameters:
    ///   - stems: that a phrase may have.
    ///   - particles: those of them that are stop words.
    func phrases(of stems: Set<String>, particles: Set<String>) -> [[String]: Int] {
        let silent = Set(utterances.keys.filter { isStopWord($0) }).subtracting(particles)
        var counts: [[String]: Int] = [:]
        for text in texts {
            let words = text.filter { !silent.contains($0) }
            var found: Set<[String]> = []
            for length in 2...3 where words.count >= length {
                for start in 0...words.count - length {
                    let phrase = Array(words[start..<start + length])
                    if Set(phrase).count == length, phrase.allSatisfy(stems.contains),
                        !phrase.allSatisfy(particles.contains)
                    {
                        found.insert(phrase)
                    }
                }
            }
            for phrase in found { counts[phrase, default: 0] += 1 }
        }
        return counts
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
