import Clustering
import Core
import Discovering
import Testing

@testable import Evaluating

struct ClusterFiguresTests {
    @Test func everyLabelledRowCountsWhateverWasJudged() throws {
        // Clusters {a a a a b}, {b b}, {c}: the second was judged bad and stays a cluster all the same.
        let set = try Planted.set(["a", "a", "a", "a", "b", "b", "b", "c"])
        let found = FoundClusters(clusters: [0, 0, 0, 0, 0, 1, 1, 2], isGood: [true, false, true])
        let figures = try ClusterFigures(found, of: set)
        #expect(figures.n == 8)
        #expect(isNear(figures.acc, 7.0 / 8))
        #expect(figures.clusters == 3 && figures.goldClusters == 3)
        #expect(isNear(figures.coverage, 6.0 / 8))
        #expect(isNear(figures.goodness, 1))
        #expect(isNear(figures.largestShare, 5.0 / 8))
        #expect(figures.coverageOfIntents == nil)
    }

    @Test func aClusterIsGoodFromFourFifthsOfOneLabel() throws {
        let set = try Planted.set(["a", "a", "a", "b", "c", "c", "c", "c", "d", "e"])
        // 3 of 4 and 4 of 5.
        let found = FoundClusters(clusters: [0, 0, 0, 0, 1, 1, 1, 1, 1, 2], isGood: [true, true, false])
        #expect(isNear(try ClusterFigures(found, of: set).goodness, 0.5))
        let none = FoundClusters(clusters: found.clusters, isGood: [false, false, false])
        let figures = try ClusterFigures(none, of: set)
        #expect(figures.goodness == nil && figures.coverage == 0)
    }

    @Test func noiseIsLeftOutOfTheCoverageOfIntents() throws {
        let set = try Planted.set(["a", "a", "contentonly", "contentonly"])
        let found = FoundClusters(clusters: [0, 0, 1, 1], isGood: [true, false])
        let figures = try ClusterFigures(found, of: set, noise: ["contentonly"])
        #expect(isNear(figures.coverage, 0.5) && isNear(figures.coverageOfIntents, 1))
    }

    @Test func whatIsOfOneLabelIsCoveredWhateverWasJudged() throws {
        let set = try Planted.set(["a", "a", "a", "b", "contentonly", "contentonly"])
        let found = FoundClusters(clusters: [0, 0, 1, 1, 2, 2], isGood: [false, true, false])
        let figures = try ClusterFigures(found, of: set, noise: ["contentonly"])
        #expect(isNear(figures.pureCoverage, 2.0 / 3) && isNear(figures.pureCoverageOfIntents, 0.5))
        #expect(isNear(figures.coverage, 1.0 / 3))
    }

    @Test func repeatedTextsCountAsOftenAsTheyWereSaid() throws {
        let set = GoldSet([
            try Planted.row("one", "a"), try Planted.row("one", "a"), try Planted.row("one", "a"),
            try Planted.row("two", "b"),
        ])
        let figures = try ClusterFigures(FoundClusters(clusters: [0, 1], isGood: [true, false]), of: set)
        #expect(figures.n == 4 && isNear(figures.coverage, 0.75) && isNear(figures.acc, 1))
    }

    @Test func withoutLabelsThereIsNothingToMeasure() throws {
        let set = GoldSet([try Planted.row("one", nil)])
        #expect(throws: SwitchboardError.self) {
            try ClusterFigures(FoundClusters(clusters: [0], isGood: [true]), of: set)
        }
    }

    @Test func groupsBecomeClustersAndWhatIsInNoneGoesToTheNearest() throws {
        let utterances = try ["a", "b", "c", "d"].map {
            DiscoveryUtterance(text: try UtteranceText($0), vertical: .default)
        }
        let alone = DiscoveryUtterance(text: try UtteranceText("e"), vertical: try Vertical("other"))
        let vectors = VectorTable(dimension: 2, rows: [[1, 0], [0, 1], [0.6, 0.8], [0.8, 0.6], [1, 0]])
        let judgements = [true, false].map { ClusterJudgement(probability: 0.5, low: 0, high: 1, isGood: $0) }
        let proposal = Bits128(7)
        let group = GroupPartition(
            vertical: .default,
            role: nil,
            rows: [0, 1],
            partition: Partition(labels: [0, 1]),
            judgements: judgements,
            proposals: [proposal, nil],
        )
        let found = FoundClusters([group], of: utterances + [alone], vectors: vectors)
        // The last is of a vertical without clusters: a cluster of its own, which is not good.
        #expect(found.clusters == [0, 1, 1, 0, 2])
        #expect(found.isGood == [true, false, false])
        #expect(found.proposals == [proposal, nil, nil])
        #expect(found.members() == [[0, 3], [1, 2], [4]])
    }
}
