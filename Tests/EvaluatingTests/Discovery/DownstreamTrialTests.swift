import Clustering
import Core
import Testing

@testable import Evaluating

struct DownstreamTrialTests {
    @Test func onlyGoodClustersBecomeExemplarsWithTheMajoritysLabel() throws {
        let set = try Planted.set(["a", "a", "b", "c", "c"])
        let found = FoundClusters(clusters: [0, 0, 0, 1, 1], isGood: [true, false])
        let label = try Planted.label("a")
        #expect(
            DownstreamTrial.exemplars(of: found, in: set)
                == (0..<3).map { DownstreamTrial.Exemplar(row: $0, label: label) }
        )
        #expect(DownstreamTrial.exemplars(of: found, in: set, .every).map(\.row) == [0, 1, 2, 3, 4])
        #expect(DownstreamTrial.exemplars(of: found, in: set, .pure).map(\.row) == [3, 4])
        #expect(DownstreamTrial.goldExemplars(of: set).map(\.row) == [0, 1, 2, 3, 4])
    }

    @Test func anIndexIsMeasuredBesideTheOthersOnTheSameQuestions() throws {
        let vectors = VectorTable(dimension: 2, rows: [[1, 0], [0.8, 0.6], [0, 1], [0.6, 0.8]])
        let test = VectorTable(dimension: 2, rows: [[1, 0], [0, 1], [0.28, 0.96], [0.96, 0.28]])
        let (a, b) = (try Planted.label("a"), try Planted.label("b"))
        let trial = DownstreamTrial(vectors: vectors, test: test, gold: [a, b, b, a])
        let set = try Planted.set(["a", "a", "b", "b"])
        let found = FoundClusters(clusters: [0, 1, 2, 1], isGood: [true, false, true])
        let kMeans = FoundClusters(clusters: [0, 0, 0, 0], isGood: [true])
        let figures = try #require(trial.figures(found, kMeans: kMeans, of: set))
        #expect(isNear(figures.accuracy, 1) && isNear(figures.kMeans, 0.5) && isNear(figures.gold, 1))
        #expect(figures.exemplars == 2 && figures.testUtterances == 4)
        // Two answers that only the first has right: two tails of a quarter.
        #expect(isNear(figures.pValueToKMeans, 0.5) && isNear(figures.pValueToGold, 1))
        // Of one label are the first alone, whose index knows no other answer; most of the second are b's.
        let mixed = FoundClusters(clusters: [0, 1, 1, 1], isGood: [true, false])
        let ofMixed = try #require(trial.figures(mixed, kMeans: kMeans, of: set))
        #expect(isNear(ofMixed.pureClusters, 0.5) && isNear(ofMixed.everyCluster, 1))
        let none = FoundClusters(clusters: [0, 1, 2, 1], isGood: [false, false, false])
        #expect(trial.figures(none, kMeans: kMeans, of: set) == nil)
    }
}
