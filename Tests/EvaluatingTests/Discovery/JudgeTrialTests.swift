import Clustering
import Core
import Discovering
import Testing

@testable import Evaluating

struct JudgeTrialTests {
    @Test func figuresOfAJudgeAreThoseOfItsProbabilities() throws {
        let figures = try JudgeFigures(probabilities: [0.95, 0.6, 0.4, 0.02], isGood: [true, false, true, false])
        #expect(isNear(figures.auroc, 0.75))
        #expect(isNear(figures.good, 0.5))
        #expect(isNear(figures.accuracy, 0.5))
        // Sure of the first and the last, right on both.
        #expect(isNear(figures.shareSure, 0.5) && isNear(figures.accuracyWhenSure, 1))
        #expect(isNear(figures.ece, (0.05 + 0.6 + 0.6 + 0.02) / 4))
        let one = try JudgeFigures(probabilities: [0.5], isGood: [true])
        #expect(one.auroc == nil && one.accuracyWhenSure == nil)
        #expect(throws: SwitchboardError.self) { try JudgeFigures(probabilities: [], isGood: []) }
    }

    @Test func clustersOfACutAreGoodByTheirLabels() throws {
        let labels = try ["a", "a", "a", "a", "b", "b", "b", "b", "b", "b", nil].map { try $0.map(Planted.label) }
        var counts: [Int] = []
        let trials = JudgeTrialClusters.cuts(labels: labels) { count in
            counts.append(count)
            return Partition(labels: [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1])
        }
        // Around two labels; never fewer than two clusters.
        #expect(counts == [2, 2, 2, 3, 4])
        // Four of five are a; of the other all labelled ones are b.
        #expect(trials.allSatisfy { $0.isGood == [true, true] && $0.clusters.count == 2 })
    }

    @Test func smallClustersStandBesideAndDoNotCount() throws {
        let labels = try ["a", "a", "a", "a", "a", "b", "b", "b", "b"].map { Optional(try Planted.label($0)) }
        let trials = JudgeTrialClusters.cuts(labels: labels) { _ in Partition(labels: [0, 0, 0, 1, 1, 0, 0, 1, 1]) }
        #expect(trials.map(\.isGood) == [[Bool?]](repeating: [false, nil], count: 5))
    }

    @Test func halfOfTheMixesHaveIntrudersOfNearIntents() throws {
        let vectors = Planted.vectors(intents: 5, each: 12)
        let labels = try (0..<60).map { Optional(try Planted.label("intent-\($0 / 12)")) }
        let mixes = JudgeTrialClusters.mixes(labels: labels, vectors: vectors, seed: 1)
        #expect(mixes.clusters.count == 5 * 2 * 4)
        #expect(mixes.isGood.count { $0 == true } == 20)
        #expect(mixes.clusters.allSatisfy { $0.count == 10 && Set($0).count == 10 })
        var intruders: Set<Int> = []
        for (cluster, isGood) in zip(mixes.clusters, mixes.isGood) {
            let sizes = Dictionary(grouping: cluster) { $0 / 12 }.mapValues(\.count)
            let most = try #require(sizes.values.max())
            if isGood == true { #expect(most == 10) } else { intruders.insert(10 - most) }
        }
        #expect(intruders.isSubset(of: [2, 3, 4, 5]) && intruders.count > 2)
        #expect(mixes == JudgeTrialClusters.mixes(labels: labels, vectors: vectors, seed: 1))
        #expect(mixes != JudgeTrialClusters.mixes(labels: labels, vectors: vectors, seed: 2))
    }

    @Test func fewIntentsGiveNoMixes() throws {
        let labels = try (0..<36).map { Optional(try Planted.label("intent-\($0 / 12)")) }
        let mixes = JudgeTrialClusters.mixes(labels: labels, vectors: Planted.vectors(intents: 3, each: 12), seed: 1)
        #expect(mixes == JudgeTrialClusters())
    }
}
