package import Clustering
internal import Core
internal import Foundation

/// What clusters are worth to callers: an index of the clusters judged good, each under the label that most of it has,
/// beside one of k-means clusters and one of the gold labels; all asked the same test utterances.
///
/// Answers are the product's vote (exact search, k = 10), without class evidence or language model.
package struct DownstreamTrial: Sendable {
    /// An utterance of the index.
    package struct Exemplar: Sendable, Equatable {
        /// Its row among the vectors.
        package var row: Int
        package var label: NamedIntent

        package init(row: Int, label: NamedIntent) {
            self.row = row
            self.label = label
        }
    }

    package struct Figures: Sendable, Equatable {
        package var accuracy: Double
        package var exemplars: Int
        package var kMeans: Double
        package var gold: Double
        /// Of every cluster that was found, and of those with at least 80 % of one label: a judge that finds nothing bad, and
        /// one that knows the labels.
        package var everyCluster: Double
        package var pureClusters: Double
        /// How likely so great a difference to k-means is by chance (McNemar, exact).
        package var pValueToKMeans: Double
        package var pValueToGold: Double
        package var testUtterances: Int
    }

    private static let voters = 10

    private let vectors: VectorTable
    private let test: VectorTable
    private let gold: [NamedIntent]

    /// - Parameters:
    ///   - vectors: of the utterances that were clustered.
    ///   - test: vectors of the test utterances.
    ///   - gold: labels of the test utterances.
    package init(vectors: VectorTable, test: VectorTable, gold: [NamedIntent]) {
        precondition(test.count == gold.count, "a label a test utterance")
        self.vectors = vectors
        self.test = test
        self.gold = gold
    }

    /// The members of the clusters judged good, of all, or of those with at least 80 % of one label; each with the label that
    /// most of its cluster has.
    package static func exemplars(of found: FoundClusters, in set: GoldSet, _ choice: Choice = .good) -> [Exemplar] {
        let majorities = Majority.of(found, in: set)
        return found.clusters.enumerated().compactMap { row, cluster in
            guard let majority = majorities[cluster] else { return nil }
            let isTaken =
                switch choice {
                case .good: found.isGood[cluster]
                case .every: true
                case .pure: majority.isPure
                }
            return isTaken ? Exemplar(row: row, label: majority.label) : nil
        }
    }

    /// Which clusters an index is made of.
    package enum Choice: Sendable {
        case good
        case every
        case pure
    }

    /// Every labelled utterance with its own label.
    package static func goldExemplars(of set: GoldSet) -> [Exemplar] {
        set.labels.enumerated().compactMap { row, label in label.map { Exemplar(row: row, label: $0) } }
    }

    /// - Returns: nil without test utterances, or where one of the indexes is empty.
    package func figures(_ found: FoundClusters, kMeans: FoundClusters, of set: GoldSet) -> Figures? {
        let indexes = [
            Self.exemplars(of: found, in: set), Self.exemplars(of: kMeans, in: set), Self.goldExemplars(of: set),
            Self.exemplars(of: found, in: set, .every), Self.exemplars(of: found, in: set, .pure),
        ]
        let answers = indexes.map(isRight)
        let shares = answers.compactMap(Measure.share)
        guard shares.count == indexes.count, !indexes[..<3].contains(where: \.isEmpty) else { return nil }
        return Figures(
            accuracy: shares[0],
            exemplars: indexes[0].count,
            kMeans: shares[1],
            gold: shares[2],
            everyCluster: shares[3],
            pureClusters: shares[4],
            pValueToKMeans: Measure.mcNemar(first: answers[0], second: answers[1]).pValue,
            pValueToGold: Measure.mcNemar(first: answers[0], second: answers[2]).pValue,
            testUtterances: gold.count
        )
    }

    /// Of each test utterance whether the vote of its nearest exemplars is right.
    package func isRight(_ exemplars: [Exemplar]) -> [Bool] {
        guard !exemplars.isEmpty else { return gold.map { _ in false } }
        let rows = exemplars.map(\.row)
        return (0..<test.count).map { place in answer(Array(test[place]), rows, exemplars) == gold[place] }
    }

    private func answer(_ question: [Float], _ rows: [Int], _ exemplars: [Exemplar]) -> NamedIntent? {
        var nearest: [(similarity: Float, place: Int)] = []
        vectors.values.withUnsafeBufferPointer { values in
            for (place, row) in rows.enumerated() {
                let start = row * vectors.dimension
                var similarity: Float = 0
                for number in 0..<question.count { similarity += question[number] * values[start + number] }
                if nearest.count == Self.voters, similarity <= nearest[Self.voters - 1].similarity { continue }
                let rank = nearest.firstIndex { similarity > $0.similarity } ?? nearest.count
                nearest.insert((similarity, place), at: rank)
                if nearest.count > Self.voters { nearest.removeLast() }
            }
        }
        let temperature = RetrievalPolicy.builtin.voteTemperature
        var weights: [NamedIntent: Double] = [:]
        for neighbour in nearest {
            let weight = exp(Double(neighbour.similarity - nearest[0].similarity) / temperature)
            weights[exemplars[neighbour.place].label, default: 0] += weight
        }
        return weights.max { $0.value != $1.value ? $0.value < $1.value : $0.key > $1.key }?.key
    }
}
