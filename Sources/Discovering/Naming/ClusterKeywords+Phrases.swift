internal import Core

// More than pairs of keywords, for names that are chosen from many.
extension ClusterKeywords {
    /// Small words that turn a meaning round: `turn-light-off`, `card-not-working`. Part of a phrase, never a name's only
    /// word.
    static let particles: Set<String> = ["not", "no", "off", "on", "up", "down", "out"]

    /// The share of its utterances that ask for something to know.
    func asking(_ cluster: Int) -> Double {
        let counts = entries[cluster].counts
        return Double(counts.asking) / Double(max(1, counts.size))
    }

    /// Two or three supported words and particles that follow each other, as they are said, best first: by how often, times
    /// their weights.
    func phrases(of cluster: Int, limit: Int) -> [[Term]] {
        let entry = entries[cluster]
        let said = entry.counts.utterances.filter { Self.particles.contains($0.key) && $0.value >= entry.least }
        let terms = supportedTerms(of: cluster) + scale.terms(said, of: entry.counts) { $0 }
        let termOf = Dictionary(terms.map { ($0.stem, $0) }, uniquingKeysWith: { first, _ in first })
        let counted = entry.counts.phrases(of: Set(termOf.keys), particles: Set(said.keys))
        var valued: [(stems: [String], value: Double)] = []
        for (stems, count) in counted where count >= entry.least {
            valued.append((stems, Double(count) * stems.reduce(0) { $0 + (termOf[$1]?.weight ?? 0) }))
        }
        valued.sort { left, right in
            left.value != right.value ? left.value > right.value : left.stems.lexicographicallyPrecedes(right.stems)
        }
        return valued.prefix(limit).map { $0.stems.compactMap { termOf[$0] } }
    }

    /// Each three of the six best supported words in the order in which most say them, the heaviest first.
    func triples(of cluster: Int, limit: Int) -> [[Term]] {
        let terms = Array(supportedTerms(of: cluster).prefix(6))
        let order = entries[cluster].counts.order(of: terms.map(\.stem))
        var valued: [(terms: [Term], value: Double)] = []
        for first in terms.indices {
            for second in terms.indices.dropFirst(first + 1) {
                for third in terms.indices.dropFirst(second + 1) {
                    let places = [first, second, third]
                    // How much more often each stands before the others than behind them.
                    let leads = places.map { place in
                        places.reduce(0) { $0 + order[place][$1] - order[$1][place] }
                    }
                    let said = places.indices.sorted { left, right in
                        leads[left] != leads[right] ? leads[left] > leads[right] : left < right
                    }
                    let triple = said.map { terms[places[$0]] }
                    valued.append((triple, triple.reduce(0) { $0 + $1.weight }))
                }
            }
        }
        // Stable: equal values stay in the order of their words' weights.
        return valued.enumerated().sorted { left, right in
            left.element.value != right.element.value
                ? left.element.value > right.element.value : left.offset < right.offset
        }.prefix(limit).map(\.element.terms)
    }
}
