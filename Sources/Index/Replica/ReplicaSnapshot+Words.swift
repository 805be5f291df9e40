internal import Core
internal import Foundation
internal import HashTreeCollections

extension ReplicaSnapshot {
    /// What the words of a text say of the intents of verticals.
    ///
    /// - Parameters:
    ///   - verticals: whose searched intents' exemplars together tell what is said by whomever.
    ///   - excluded: exemplars that do not count.
    /// - Returns: nil where it has no word, or there is no exemplar.
    func wordEvidence(
        of text: String,
        in verticals: [SearchedVertical],
        excluding excluded: Set<ExemplarID>,
    ) -> WordEvidence? {
        let features = WordSet(text).features
        guard !features.isEmpty else { return nil }
        let gone = gone(excluded, from: verticals)
        let exemplars = verticals.reduce(-gone.count) { count, vertical in
            let entries = state.verticals[vertical.place].classes.entries
            return entries.indices.reduce(count) { $0 + (vertical.isSearched[$1] ? entries[$1].count : 0) }
        }
        guard exemplars > 0 else { return nil }
        var evidence = WordEvidence(
            features: features.count,
            exemplars: exemplars,
            slots: verticals.map(\.isSearched.count)
        )
        for feature in features {
            let without = gone.filter { $0.features.contains(feature) }
            evidence.add(verticals.map { counts(of: feature, in: $0, without: without) })
        }
        return evidence
    }

    /// An exemplar that does not count.
    private struct Gone {
        let place: Int
        /// The one that its own stands for.
        let slot: Int
        let features: Set<UInt64>
    }

    private func gone(_ excluded: Set<ExemplarID>, from verticals: [SearchedVertical]) -> [Gone] {
        excluded.compactMap { id in
            guard let found = state.exemplars[id], let vertical = verticals.first(where: { $0.place == found.vertical })
            else { return nil }
            let index = state.verticals[found.vertical]
            let slot = Int(index.intents.standing[Int(index.table.slot(of: found.row))])
            guard vertical.isSearched[slot] else { return nil }
            return Gone(
                place: found.vertical,
                slot: slot,
                features: Set(WordSet(index.table.text(of: found.row)).features)
            )
        }
    }

    /// In how many exemplars of each searched intent the feature occurs, by the slot that stands for itself; an intent
    /// that others were merged into may come several times.
    private func counts(
        of feature: UInt64,
        in vertical: SearchedVertical,
        without gone: [Gone],
    ) -> [(slot: Int, count: Int)] {
        let index = state.verticals[vertical.place]
        let counts = index.words.counts(of: feature).map { count in
            (slot: Int(index.intents.standing[Int(count.slot)]), count: Int(count.exemplars))
        }
        return counts.filter { vertical.isSearched[$0.slot] }
            + gone.filter { $0.place == vertical.place }.map { ($0.slot, -1) }
    }
}

/// What the words of an utterance say of intents: log of P(words | intent) over P(words), as if each word and pair of words
/// came by itself (naive Bayes; McCallum and Nigam 1998).
///
/// P(word | intent) is (c + b) / (n + 1), where c of the intent's n exemplars have the word, and b is the share of all
/// exemplars that have it: as if there were one exemplar more, that is like any (a Dirichlet prior: Zhai and Lafferty
/// 2004). Words that no exemplar has say nothing.
struct WordEvidence {
    /// Longer utterances count as one of so many: their words depend on each other the more.
    private static let mostFeatures = 60.0

    /// Of the utterance.
    let features: Int
    private let exemplars: Int
    /// By vertical, then by the slot that stands for itself: the sum over words of log((c + b) / b).
    private var sums: [[Double]]
    /// Of the features, those that some exemplar has.
    private var known = 0
    /// One feature's counts by slot, while they are added up, and which slots have some.
    private var counted: [Int]
    private var touched: [Int] = []

    init(features: Int, exemplars: Int, slots: [Int]) {
        self.features = features
        self.exemplars = exemplars
        sums = slots.map { [Double](repeating: 0, count: $0) }
        counted = [Int](repeating: 0, count: slots.max() ?? 0)
    }

    /// - Parameter verticals: one feature's counts; those of a slot add up.
    mutating func add(_ verticals: [[(slot: Int, count: Int)]]) {
        let total = verticals.reduce(0) { $0 + $1.reduce(0) { $0 + $1.count } }
        guard total > 0 else { return }
        known += 1
        let share = Double(total) / Double(exemplars)
        for (vertical, counts) in verticals.enumerated() {
            for (slot, count) in counts {
                counted[slot] += count
                touched.append(slot)
            }
            for slot in touched where counted[slot] > 0 {
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
