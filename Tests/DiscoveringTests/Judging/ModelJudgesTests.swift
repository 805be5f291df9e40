import Core
import Models
import Testing

@testable import Discovering

/// The judges that ask a model.
@Suite struct ModelJudgesTests {
    @Test func theScorersShareTellsPureFromMixed() async throws {
        let pool = try PlantedPool()
        let (pure, mixed) = pool.pureAndMixed
        let effort = EffortCounter()
        let judge = ScorerJudge(weights: .builtin, engines: PlantedEngines(), effort: effort)
        let judgements = try await judge.judge(pure + mixed, of: pool.field) { _ in }
        let probabilities = judgements.map(\.probability)
        let leastPure = try #require(probabilities.prefix(pure.count).min())
        let mostMixed = try #require(probabilities.dropFirst(pure.count).max())
        #expect(leastPure > mostMixed)
        // One prompt a sampled sentence.
        #expect(effort.total.llmCalls == judgements.count * pool.field.samples)
        #expect(effort.total.llmTokens == effort.total.llmCalls * 10)
    }

    @Test func aSentenceIsNeverItsOwnExemplar() throws {
        let pool = try PlantedPool()
        let sides = (0..<4).map { ClusterSample(pool.rows($0), in: pool.material.clusteringVectors) }
        var places: Set<Int> = []
        for (turn, sentence) in pool.rows(0).enumerated() {
            let question = try BelongingQuestion(of: sentence, sides: sides, turn: turn, in: pool.field)
            #expect(question.input.candidates.count == 4)
            #expect(question.input.pairs.count == 8)
            #expect(!question.input.pairs.contains { $0.query == question.input.text })
            let own = question.input.pairs.filter { $0.intent == question.input.candidates[question.own] }
            #expect(own.count == 2 && own.allSatisfy { $0.query.value.hasPrefix("w0 ") })
            places.insert(question.own)
        }
        #expect(places.count == 4)
    }

    @Test func withoutModelsVectorsJudge() async throws {
        let pool = try PlantedPool()
        let clusters = (0..<8).map { pool.rows($0) }
        let engines = PlantedEngines(scores: false, judges: false)
        let expected = try await VectorJudge(weights: .builtin).judge(clusters, of: pool.field) { _ in }
        for kind in [DiscoverySettings.JudgeKind.scorer, .both, .llm] {
            var settings = DiscoverySettings()
            settings.judge = kind
            let effort = EffortCounter()
            let judge = makeJudge(settings, engines: engines, weights: .builtin, effort: effort)
            #expect(judge.kind == kind)
            let judgements = try await judge.judge(clusters, of: pool.field) { _ in }
            #expect(judgements.map(\.probability) == expected.map(\.probability))
            #expect(judgements.map(\.low) == expected.map(\.low) && judgements.map(\.high) == expected.map(\.high))
            #expect(judgements.allSatisfy { $0.isStandIn } && !expected.contains { $0.isStandIn })
            #expect(effort.total.llmCalls == 0)
        }
    }

    /// - Parameter unanswered: intents of which the model says nothing.
    private func judged(
        _ clusters: [[Int]],
        of pool: PlantedPool,
        by kind: DiscoverySettings.JudgeKind,
        unanswered: Set<String>,
    ) async throws -> [ClusterJudgement] {
        var settings = DiscoverySettings()
        settings.judge = kind
        let engines = PlantedEngines(unanswered: unanswered)
        let judge = makeJudge(settings, engines: engines, weights: .builtin, effort: EffortCounter())
        return try await judge.judge(clusters, of: pool.field) { _ in }
    }

    @Test(arguments: [DiscoverySettings.JudgeKind.scorer, .both, .llm])
    func vectorsJudgeWhatIsNotAnsweredAndNothingElse(kind: DiscoverySettings.JudgeKind) async throws {
        let pool = try PlantedPool()
        let clusters = (0..<8).map { pool.rows($0) } + [[]]
        let all = try await judged(clusters, of: pool, by: kind, unanswered: [])
        let some = try await judged(clusters, of: pool, by: kind, unanswered: ["w2"])
        let vectors = try await VectorJudge(weights: .builtin).judge(clusters, of: pool.field) { _ in }
        #expect(!all.contains { $0.isStandIn })
        #expect(some.map(\.isStandIn) == clusters.indices.map { $0 == 2 })
        for place in clusters.indices {
            let expected = place == 2 ? vectors[place] : all[place]
            #expect(abs(some[place].probability - expected.probability) < 1e-9)
        }
    }

    @Test(arguments: [DiscoverySettings.JudgeKind.scorer, .both, .llm])
    func afterThreeWithoutAnAnswerTheModelIsNotAskedAnyMore(kind: DiscoverySettings.JudgeKind) async throws {
        let pool = try PlantedPool()
        let clusters = (0..<8).map { pool.rows($0) }
        let three = try await judged(clusters, of: pool, by: kind, unanswered: ["w1", "w2", "w3"])
        #expect(three.map(\.isStandIn) == clusters.indices.map { $0 > 0 })
        // One answer in between, and it is asked about all.
        let apart = try await judged(clusters, of: pool, by: kind, unanswered: ["w1", "w2", "w4"])
        #expect(apart.map(\.isStandIn) == clusters.indices.map { [1, 2, 4].contains($0) })
    }

    @Test func aClusterWithoutRivalsIsJudgedByVectors() async throws {
        let pool = try PlantedPool(intents: 2)
        let judge = ScorerJudge(weights: .builtin, engines: PlantedEngines(), effort: EffortCounter())
        let alone = [Array(0..<40)]
        let judgements = try await judge.judge(alone, of: pool.field) { _ in }
        let expected = try await VectorJudge(weights: .builtin).judge(alone, of: pool.field) { _ in }
        #expect(judgements == expected)
    }

    @Test func bothTogetherLieBetweenTheTwo() async throws {
        let pool = try PlantedPool()
        let clusters = pool.pureAndMixed.pure + pool.pureAndMixed.mixed
        let engines = PlantedEngines()
        let vectors = try await VectorJudge(weights: .builtin).judge(clusters, of: pool.field) { _ in }
        let scorer = try await ScorerJudge(weights: .builtin, engines: engines, effort: EffortCounter())
            .judge(clusters, of: pool.field) { _ in }
        let both = try await CombinedJudge(weights: .builtin, engines: engines, effort: EffortCounter())
            .judge(clusters, of: pool.field) { _ in }
        for place in clusters.indices {
            let (one, other) = (vectors[place].probability, scorer[place].probability)
            #expect(both[place].probability >= min(one, other) - 1e-9)
            #expect(both[place].probability <= max(one, other) + 1e-9)
        }
    }

    @Test func aLanguageModelIsAskedTwiceWhereAnotherDrawIsToBeHad() async throws {
        let pool = try PlantedPool()
        let effort = EffortCounter()
        let judge = ModelJudge(weights: .builtin, engines: PlantedEngines(), effort: effort)
        let small = Array(pool.rows(0).prefix(8))
        let mixed = pool.rows(4) + pool.rows(5)
        let judgements = try await judge.judge([small, pool.rows(1), mixed, [3]], of: pool.field) { _ in }
        #expect(effort.total.llmCalls == 1 + 2 + 2)
        #expect(effort.total.llmTokens == 100)
        #expect(abs(effort.total.llmSeconds - 2.5) < 1e-9)
        #expect(judgements[0].isGood && judgements[1].isGood)
        #expect(judgements[2].probability < judgements[1].probability)
        #expect(judgements[3] == .ofNothing)
        #expect(judgements.allSatisfy { $0.low <= $0.probability && $0.probability <= $0.high })
    }

    @Test func withoutAJudgeEveryClusterPasses() async throws {
        let pool = try PlantedPool(intents: 2)
        var settings = DiscoverySettings()
        settings.judge = .none
        let judge = makeJudge(settings, engines: PlantedEngines(), weights: .builtin, effort: EffortCounter())
        let judgements = try await judge.judge([pool.rows(0), [1]], of: pool.field) { _ in }
        #expect(judgements.allSatisfy { $0.isGood })
    }

    @Test func sentencesAreDrawnAsAskedFor() throws {
        let pool = try PlantedPool(intents: 2, each: 20)
        let sample = ClusterSample(pool.rows(1), in: pool.material.clusteringVectors)
        var random = SeededGenerator(seed: 1)
        #expect(sample.drawn(5, by: .medoid, using: &random) == Array(sample.order.prefix(5)))
        #expect(sample.drawn(5, by: .extreme, using: &random) == Array(sample.order.suffix(5).reversed()))
        for sampling in DiscoverySettings.Sampling.allCases {
            for count in [1, 2, 7, 20, 50] {
                let drawn = sample.drawn(count, by: sampling, using: &random)
                #expect(drawn.count == min(count, 20))
                #expect(Set(drawn).count == drawn.count && Set(drawn).isSubset(of: pool.rows(1)))
            }
        }
    }
}
