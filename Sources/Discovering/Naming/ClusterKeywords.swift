internal import Core
internal import Foundation

/// The words that set each cluster apart from the others: class-based TF-IDF (Grootendorst 2022, "BERTopic", section 3.3).
///
/// W(t, c) = tf(t, c) log(1 + A / f(t)): tf is the share that a word has in a cluster, f how often it occurs in all of them,
/// A the mean number of words of a cluster. A word counts once an utterance, so that a long one does not outweigh the others.
/// Forms of a word count together (`NameWord`) and are shown as they are written most.
package struct ClusterKeywords: Sendable {
    /// A word of a cluster.
    struct Term: Sendable, Hashable {
        let stem: String
        /// As it is shown.
        let word: String
        let weight: Double
        /// How many utterances of the cluster have it.
        let utterances: Int
    }

    /// Two words in the order in which they are said.
    struct Pair: Sendable, Hashable {
        let first: Term
        let second: Term
    }

    struct Entry: Sendable {
        /// Without stop words, best first.
        var keywords: [Term]
        /// Verbs of the lists that are used as verbs, best first.
        var verbs: [Term]
        /// Of the best keywords, best first.
        var pairs: [Pair]
        var counts: WordCounts

        var size: Int { counts.size }

        /// Utterances that have to have what a name is made of: two, and a fiftieth.
        var least: Int { max(min(2, size), (size + 49) / 50) }
    }

    let entries: [Entry]
    /// Of all clusters.
    let scale: Scale

    /// Keywords that pairs are made of.
    private static let paired = 8
    /// A verb stands for a cluster where it is used in this share of its utterances.
    private static let verbShare = 0.15

    /// - Parameter clusters: the texts of each.
    package init(clusters: [[String]]) {
        let counts = clusters.map { WordCounts($0) }
        var frequencies: [String: Int] = [:]
        var total = 0
        for count in counts {
            total += count.total
            for (stem, number) in count.utterances { frequencies[stem, default: 0] += number }
        }
        let scale = Scale(frequencies: frequencies, mean: Double(total) / Double(max(1, clusters.count)))
        var entries: [Entry] = []
        for count in counts {
            let words = count.utterances.filter { !count.isStopWord($0.key) }
            let keywords = scale.terms(words, of: count) { count.shown($0) }
            entries.append(
                Entry(
                    keywords: keywords,
                    verbs: scale.terms(count.verbs, of: count) { WordCounts.listed($0) ?? $0 },
                    pairs: Self.pairs(of: Array(keywords.prefix(Self.paired)), in: count),
                    counts: count
                )
            )
        }
        self.entries = entries
        self.scale = scale
    }

    /// The words that set a cluster apart, best first.
    package func keywords(of cluster: Int, limit: Int) -> [String] {
        entries[cluster].keywords.prefix(limit).map(\.word)
    }

    /// Words that a name of this cluster may be made of, best first: no stop words, in at least two of its utterances
    /// and in a fiftieth of them.
    package func supportedWords(of cluster: Int) -> [String] {
        supportedTerms(of: cluster).map(\.word)
    }

    func supportedTerms(of cluster: Int) -> [Term] {
        let entry = entries[cluster]
        return entry.keywords.filter { $0.utterances >= entry.least }
    }

    /// The verb of the role's list that its utterances use most as a verb, by weight; nil where none is used often.
    func verb(of cluster: Int, role: Role?) -> Term? {
        usedVerbs(of: cluster).first { ActionVerbs.contains($0.word, of: role) }
    }

    /// The verbs of the lists that a fair share of its utterances use as verbs, best first.
    func usedVerbs(of cluster: Int) -> [Term] {
        let entry = entries[cluster]
        let least = max(min(2, Double(entry.size)), Self.verbShare * Double(entry.size))
        return entry.verbs.filter { Double($0.utterances) >= least }
    }

    /// Two keywords each, best first.
    func pairs(of cluster: Int) -> [Pair] { entries[cluster].pairs }

    /// What words are weighed with.
    struct Scale: Sendable {
        /// Of each stem, how often it occurs in all clusters.
        let frequencies: [String: Int]
        /// The mean number of words of a cluster.
        let mean: Double

        /// - Returns: the words with their weights, best first, by their stems where those are equal.
        func terms(_ utterances: [String: Int], of counts: WordCounts, shown: (String) -> String) -> [Term] {
            var terms: [Term] = []
            for (stem, number) in utterances {
                let share = Double(number) / Double(max(1, counts.total))
                let weight = share * log1p(mean / Double(frequencies[stem] ?? number))
                terms.append(Term(stem: stem, word: shown(stem), weight: weight, utterances: number))
            }
            return terms.sorted { left, right in
                left.weight != right.weight ? left.weight > right.weight : left.stem < right.stem
            }
        }
    }

    /// Words that are heavy and stand together in utterances, in the order in which most say them.
    private static func pairs(of terms: [Term], in counts: WordCounts) -> [Pair] {
        let order = counts.order(of: terms.map(\.stem))
        var valued: [(pair: Pair, value: Double)] = []
        for first in terms.indices {
            for second in terms.indices.dropFirst(first + 1) {
                let (before, after) = (order[first][second], order[second][first])
                let together = Double(before + after) / Double(max(1, counts.size))
                let pair =
                    after > before
                    ? Pair(first: terms[second], second: terms[first])
                    : Pair(first: terms[first], second: terms[second])
                // A tenth for words that never meet, so that there is a pair where no two do.
                valued.append((pair, (terms[first].weight + terms[second].weight) * (0.1 + together)))
            }
        }
        // Stable: equal values stay in the order of their words' weights.
        return valued.enumerated().sorted { left, right in
            left.element.value != right.element.value
                ? left.element.value > right.element.value : left.offset < right.offset
        }.map(\.element.pair)
    }
}
