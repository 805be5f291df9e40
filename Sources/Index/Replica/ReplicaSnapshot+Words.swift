internal import Core
internal import Foundation
internal import HashTreeCollections

extension ReplicaSnapshot {
    /// What the words of a text say of the intents of verticals.
    ///
    /// - Parameters:
    ///   - places: the verticals, whose exemplars together tell what is said by whomever.
    ///   - excluded: exemplars that do not count.
    /// - Returns: nil where it has no word, or there is no exemplar.
    func wordEvidence(of text: String, in places: [Int], excluding excluded: Set<ExemplarID>) -> WordEvidence? {
        let features = WordSet(text).features
        guard !features.isEmpty else { return nil }
        let gone = excluded.compactMap { state.exemplars[$0] }.filter { places.contains($0.vertical) }
        let exemplars = places.reduce(0) { $0 + state.verticals[$1].classes.size.exemplars } - gone.count
        guard exemplars > 0 else { return nil }
        var evidence = WordEvidence(
            features: features.count,
            slots: places.map { state.verticals[$0].intents.ids.count }
        )
        let goneFeatures = gone.map { place in
            let index = state.verticals[place.vertical]
            let features = Set(WordSet(index.table.text(of: place.row)).features)
            return (place: place.vertical, slot: index.table.slot(of: place.row), features: features)
        }
        for feature in features {
            let removed = goneFeatures.filter { $0.features.contains(feature) }
            evidence.add(
                places.map { place in
                    var counts = state.verticals[place].words.counts(of: feature)
                    for exemplar in removed where exemplar.place == place {
                        guard let index = counts.firstIndex(where: { $0.slot == exemplar.slot }) else { continue }
                        counts[index].exemplars -= 1
                    }
                    return (counts, state.verticals[place].intents.standing)
                },
                of: exemplars
            )
        }
        return evidence
    }
}

/// What the words of an utterance say of intents: log of P(words | intent) over P(words), as if each word and pair of words
/// came by itself (naive Bayes; McCallum and Nigam 1998).
///
/// P(word | intent) is (c + b) / (n + 1), where c of the intent's n exemplars have the word, and b is the share of all
/// exemplars that have it: of one exemplar more, that is like any (Jelinek and Mercer 1980, Zhai and Lafferty 2004 call
/// such a prior Dirichlet's). Words that no exemplar has say nothing.
struct WordEvidence {
    /// Longer utterances count as one of so many: their words depend on each other the more.
    private static let mostFeatures = 60.0

    /// Of the utterance.
    let features: Int
    /// By vertical, then by the slot that stands for itself: the sum over words of log((c + b) / b).
    private var sums: [[Double]]
    /// Of the features, those that some exemplar has.
    private var known = 0
    /// Sums of one feature's counts, and which of them are not zero.
    private var counted: [Int]
    private var touched: [Int] = []

    init(features: Int, slots: [Int]) {
        self.features = features
        sums = slots.map { [Double](repeating: 0, count: $0) }
        counted = [Int](repeating: 0, count: slots.max() ?? 0)
    }

    /// - Parameter verticals: one feature's counts, and for which slot each slot stands.
    mutating func add(_ verticals: [(counts: [WordStatistics.Count], standing: [UInt32])], of exemplars: Int) {
        let total = verticals.reduce(0) { $0 + $1.counts.reduce(0) { $0 + Int($1.exemplars) } }
        guard total > 0 else { return }
        known += 1
        let share = Double(total) / Double(exemplars)
        for (vertical, (counts, standing)) in verticals.enumerated() {
            for count in counts {
                let slot = Int(standing[Int(count.slot)])
                if counted[slot] == 0 { touched.append(slot) }
                counted[slot] += Int(count.exemplars)
            }
            for slot in touched {
                sums[vertical][slot] += log(1 + Double(counted[slot]) / share)
                counted[slot] = 0
            }
            touched = []
        }
    }

    /// - Parameters:
    ///   - vertical: in the order of `init`.
    ///   - count: the intent's exemplars.
    func logLift(_ vertical: Int, slot: Int, count: Int) -> Double {
        guard known > 0 else { return 0 }
        let lift = sums[vertical][slot] - Double(known) * log(1 + Double(count))
        return lift * min(1, Self.mostFeatures / Double(known))
    }
}
