import Clustering
import Core
import Testing

@testable import Discovering

@Suite struct VectorJudgeTests {
    private let judge = VectorJudge(weights: .builtin)

    @Test func pureClustersLeadMixedOnes() async throws {
        let pool = try PlantedPool()
        let (pure, mixed) = pool.pureAndMixed
        let judgements = try await judge.judge(pure + mixed, of: pool.field) { _ in }
        #expect(judgements.count == pure.count + mixed.count)
        let probabilities = judgements.map(\.probability)
        #expect(
            Measure.auroc(
                positive: Array(probabilities.prefix(pure.count)),
                negative: Array(probabilities.dropFirst(pure.count))
            ) == 1
        )
        for judgement in judgements {
            #expect(judgement.low <= judgement.probability && judgement.probability <= judgement.high)
            #expect(judgement.low < judgement.high)
            #expect(judgement.isGood == (judgement.probability >= pool.field.goodProbability))
        }
    }

    @Test func neitherOrderNorRepetitionChangesAJudgement() async throws {
        let pool = try PlantedPool()
        let (pure, mixed) = pool.pureAndMixed
        let clusters = pure + mixed
        let once = try await judge.judge(clusters, of: pool.field) { _ in }
        let again = try await judge.judge(clusters, of: pool.field) { _ in }
        let turned = try await judge.judge(clusters.reversed(), of: pool.field) { _ in }
        #expect(once == again)
        #expect(once == turned.reversed())
    }

    @Test func whatIsLessAlikeThanGoodClustersAreIsNotGood() async throws {
        let pool = try PlantedPool()
        let (pure, _) = pool.pureAndMixed
        let asUsual = try await judge.judge(pure, of: pool.field) { _ in }
        var weights = JudgeWeights.builtin
        weights.published.leastSimilarity = 0.99
        let strict = try await VectorJudge(weights: weights).judge(pure, of: pool.field) { _ in }
        #expect(asUsual.contains { $0.isGood } && !strict.contains { $0.isGood })
        #expect(strict.allSatisfy { $0.probability <= 0.25 && $0.high <= 0.25 })
    }

    @Test func aLoneUtteranceIsNoCluster() async throws {
        let pool = try PlantedPool(intents: 2)
        let judgements = try await judge.judge([[0], [], pool.rows(1)], of: pool.field) { _ in }
        #expect(judgements[0] == .ofNothing && judgements[1] == .ofNothing)
        #expect(!judgements[0].isGood && judgements[0].high == 1)
    }

    @Test func whatEndsTheProgressEndsTheJudging() async throws {
        let pool = try PlantedPool(intents: 2)
        await #expect(throws: SwitchboardError.self) {
            _ = try await judge.judge([pool.rows(0), pool.rows(1)], of: pool.field) { _ in
                throw SwitchboardError(.cancelled, "enough")
            }
        }
    }

    @Test func clustersBesideAreRivals() async throws {
        // Fewer of an intent than a list is long.
        let pool = try PlantedPool(each: 20)
        var field = pool.field
        let alone = try await ClusterReadings.read([pool.rows(0)], of: field, halves: 0) { _ in }
        field.beside = (1..<8).map { pool.rows($0) }
        let beside = try await ClusterReadings.read([pool.rows(0)], of: field, halves: 0) { _ in }
        let (first, second) = (try #require(alone.first ?? nil), try #require(beside.first ?? nil))
        #expect(first.features[JudgeFeature.rival.place] == 0)
        #expect(second.features[JudgeFeature.rival.place] > 0)
        #expect(second.features[JudgeFeature.silhouette.place] > 0)
        #expect(first.features[JudgeFeature.overlap.place] == second.features[JudgeFeature.overlap.place])
    }

    @Test func utterancesThatAreAllTheSameAreJudged() async throws {
        let vectors = VectorTable(dimension: 2, rows: [[Float]](repeating: [1, 0], count: 12))
        let utterances = try (0..<12).map { _ in
            DiscoveryUtterance(text: try UtteranceText("hello"), vertical: .default)
        }
        let lists = NeighbourLists(of: vectors, k: 30, threads: 1, seed: 1)
        let field = JudgedField(
            material: Material(utterances: utterances, vectors: vectors),
            lists: lists,
            graph: NeighbourGraph(jaccardOf: lists, linked: 15),
            seed: 1,
            samples: 8,
            goodProbability: 0.5
        )
        let judgements = try await judge.judge([Array(0..<6), Array(6..<12)], of: field) { _ in }
        #expect(judgements.allSatisfy { $0.probability.isFinite && $0.low.isFinite && $0.high.isFinite })
    }
}

@Suite struct JudgementIntervalTests {
    /// Nine in ten are the aim; halves of sixteen reach a little less.
    @Test func intervalsCoverTheTruthAboutNineTimesInTen() {
        var random = SeededGenerator(seed: 1)
        let truth = 2.0 / 3
        var covered = 0
        for _ in 0..<500 {
            let shares = (0..<16).map { _ in Double.random(in: 0..<1, using: &random).squareRoot() }
            let mean = shares.reduce(0, +) / 16
            let halves = ScorerJudge.halves(of: shares, 40, using: &random)
            let judgement = ClusterJudgement(logit: mean, halves: halves, goodProbability: 0.5)
            if judgement.low <= logistic(truth), logistic(truth) <= judgement.high { covered += 1 }
        }
        #expect((390...475).contains(covered))
    }

    @Test func withoutHalvesNothingIsPromised() {
        let judgement = ClusterJudgement(logit: 2, halves: [], goodProbability: 0.5)
        #expect(judgement.isGood && judgement.low == 0 && judgement.high == 1)
    }

    @Test func halvesThatAllLieLowMoveTheIntervalNotTheEstimate() {
        let halves = (0..<40).map { -3 + Double($0) / 100 }
        let judgement = ClusterJudgement(logit: 1, halves: halves, goodProbability: 0.5)
        #expect(abs(judgement.probability - logistic(1)) < 1e-12)
        #expect(judgement.low > logistic(0.7) && judgement.high < logistic(1.3))
    }
}
