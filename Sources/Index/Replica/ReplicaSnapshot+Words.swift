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
        var evidence = WordEvidence(exemplars: exemplars, slots: verticals.map(\.isSearched.count))
        for counts in counts(of: features, in: verticals, without: gone) { evidence.add(counts) }
        return evidence
    }

    /// An exemplar that does not count.
    private struct Gone {
        /// In the order of the searched verticals.
        let vertical: Int
        /// The one that its own stands for.
        let slot: Int
        let text: String
    }

    private func gone(_ excluded: Set<ExemplarID>, from verticals: [SearchedVertical]) -> [Gone] {
        guard !excluded.isEmpty else { return [] }
        let numbers = Dictionary(zip(verticals.map(\.place), 0...), uniquingKeysWith: { first, _ in first })
        return excluded.compactMap { id in
            guard let found = state.exemplars[id], let number = numbers[found.vertical] else { return nil }
            let index = state.verticals[found.vertical]
            let slot = Int(index.intents.standing[Int(index.table.slot(of: found.row))])
            guard verticals[number].isSearched[slot] else { return nil }
            return Gone(vertical: number, slot: slot, text: index.table.text(of: found.row))
        }
    }

    /// For each feature in how many exemplars of each searched intent it occurs; an intent may come several times, and what is
    /// gone counts less than nothing.
    private func counts(
        of features: [UInt64],
        in verticals: [SearchedVertical],
        without gone: [Gone],
    ) -> [[WordEvidence.Count]] {
        var counts = [[WordEvidence.Count]](repeating: [], count: features.count)
        for (number, vertical) in verticals.enumerated() {
            let index = state.verticals[vertical.place]
            for (place, feature) in features.enumerated() {
                for count in index.words.counts(of: feature) {
                    let slot = Int(index.intents.standing[Int(count.slot)])
                    guard vertical.isSearched[slot] else { continue }
                    counts[place].append(.init(vertical: number, slot: slot, exemplars: Int(count.exemplars)))
                }
            }
        }
        guard !gone.isEmpty else { return counts }
        let places = Dictionary(zip(features, 0...), uniquingKeysWith: { first, _ in first })
        for exemplar in gone {
            for feature in WordSet(exemplar.text).features {
                guard let place = places[feature] else { continue }
                counts[place].append(.init(vertical: exemplar.vertical, slot: exemplar.slot, exemplars: -1))
            }
        }
        return counts
    }
}

/// What the words of an utterance say of intents: log of P(words | intent) over P(words), as if each word and pair of words
/// came by itself (naive Bayes; McCallum and Nigam 1998).
///
/// P(word | intent) is (c + b) / (n + 1), where c of the intent's n exemplars have the word, and b is the share of all
/// exemplars that have it: as if there were one exemplar more, that is like any (a Dirichlet prior: Zhai and Lafferty
/// 2004). Words that no exemplar has say nothing.
struct WordEvidence {
    /// Of one intent, which has so many exemplars with a feature.
    struct Count {
        /// In the order of `init`.
        let vertical: Int
        /// The one that stands for itself.
        let slot: Int
        let exemplars: Int
    }

    /// Longer utterances count as one of so many: their words depend on each other the more.
    private static let mostFeatures = 60.0

    private let exemplars: Int
    /// Where a vertical's slots begin in the arrays below.
    private let starts: [Int]
    /// By vertical and slot: the sum over words of log((c + b) / b).
    private var sums: [Double]
    /// Features so far, and those that some exemplar has.
    private var asked = 0
    private var known = 0
    /// One feature's counts by slot, while they are added up, and which slots have some.
    private var counted: [Int]
    private var touched: [Int] = []

    /// - Parameter slots: how many each vertical has.
    init(exemplars: Int, slots: [Int]) {
        self.exemplars = exemplars
        starts = slots.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
        sums = [Double](repeating: 0, count: slots.reduce(0, +))
        counted = [Int](repeating: 0, count: sums.count)
    }

    /// - Parameter counts: one feature's; those of a slot add up.
    mutating func add(_ counts: [Count]) {
        asked += 1
        let total = counts.reduce(0) { $0 + $1.exemplars }
        guard total > 0 else { return }
        known += 1
        let share = Double(total) / Double(exemplars)
        for count in counts {
            let slot = starts[count.vertical] + count.slot
            counted[slot] += count.exemplars
            touched.append(slot)
        }
        for slot in touched where counted[slot] > 0 {
            sums[slot] += log(1 + Double(counted[slot]) / share)
            counted[slot] = 0
        }
        touched = []
    }

    /// - Parameter count: the intent's exemplars.
    func logLift(_ vertical: Int, slot: Int, count: Int) -> Double {
        guard known > 0 else { return 0 }
        return damping * (sums[starts[vertical] + slot] - Double(known) * log(1 + Double(count)))
    }

    private var damping: Double { min(1, Self.mostFeatures / Double(known)) }

    /// What a lift is by feature, those that nobody said too, however long the utterance is.
    func byFeature(_ lift: Double) -> Double { known > 0 ? lift / damping / Double(asked) : 0 }
}
