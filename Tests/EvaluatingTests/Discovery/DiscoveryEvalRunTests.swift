import Clustering
import Core
import Discovering
import Testing

@testable import Evaluating

/// A run from end to end on planted vectors, without a model.
struct DiscoveryEvalRunTests {
    private static let intents = 5
    private static let each = 30

    private static func planted() throws -> (set: GoldSet, engines: PlantedEngines) {
        try PlantedEngines.planted(intents: intents, each: each)
    }

    private static var settings: DiscoveryEvalSettings {
        var run = DiscoverySettings()
        run.judge = .none
        run.namesByModel = false
        return DiscoveryEvalSettings(run: run, threads: 1)
    }

    @Test(.timeLimit(.minutes(1))) func plantedIntentsAreFoundAndMeasured() async throws {
        let (set, engines) = try Self.planted()
        var settings = Self.settings
        settings.measuresGoldCount = true
        settings.measuresSteps = true
        let test = DiscoveryEvalRun.Test(
            texts: set.utterances.prefix(10).map(\.text),
            gold: set.labels.prefix(10).compactMap { $0 }
        )
        let outcome = try await DiscoveryEvalRun(set, engines: engines, settings: settings, test: test).run()
        let report = outcome.report
        #expect(report.n == Self.intents * Self.each && report.goldClusters == Self.intents)
        #expect(report.nmi > 0.8)
        #expect(report.coverage == 1)
        #expect(try #require(report.nmiGoldK) > 0.9)
        #expect(report.ablation?.map(\.step) == ["vectors", "graph", "judge", "merge", "dial-in"])
        #expect(report.llmCalls == 0)
        let downstream = try #require(report.downstream)
        #expect(downstream.n == 10 && downstream.gold == 1)
        #expect(report.names == outcome.names.rows.count)
    }

    @Test(.timeLimit(.minutes(1))) func theJudgeIsTriedOnClustersAndMixes() async throws {
        let (set, engines) = try Self.planted()
        var settings = Self.settings
        settings.run.judge = .vectors
        settings.measuresJudge = true
        let run = DiscoveryEvalRun(set, engines: engines, settings: settings, weights: .builtin)
        let judge = try #require(try await run.run().report.judge)
        // Forty mixes, and clusters of k-means too coarse and too fine.
        #expect(judge.clusters > 40)
        #expect(judge.good > 0.2 && judge.good < 0.9)
        #expect(judge.aurocClusters != nil)
        #expect(try #require(judge.aurocMixes) > 0.5)
        #expect((0...1).contains(judge.ece) && (0...1).contains(judge.shareSure))
        #expect(judge.fittedOn == JudgeWeights.builtin.fittedOn && judge.calls == 0)
    }

    @Test(.timeLimit(.minutes(1))) func anotherMethodsRunIsNoStepOfTheGraphs() async throws {
        let (set, engines) = try Self.planted()
        var settings = Self.settings
        settings.measuresSteps = true
        settings.run.method = .dialIn
        let loop = try await DiscoveryEvalRun(set, engines: engines, settings: settings).run().report
        #expect(loop.ablation?.map(\.step) == ["vectors", "graph", "judge", "dial-in"])
        #expect(loop.ablation?.last?.nmi == loop.nmi && loop.cuts == nil)
    }

    @Test(.timeLimit(.minutes(1))) func theSameSeedGivesTheSameFigures() async throws {
        let (set, engines) = try Self.planted()
        var first = try await DiscoveryEvalRun(set, engines: engines, settings: Self.settings).run().report
        var second = try await DiscoveryEvalRun(set, engines: engines, settings: Self.settings).run().report
        first.seconds = 0
        second.seconds = 0
        #expect(first == second)
    }

    @Test func whatCannotBeMeasuredIsSaid() async throws {
        let (set, engines) = try Self.planted()
        let unlabelled = GoldSet([try Planted.row("hello", nil)])
        await #expect(throws: SwitchboardError.self) {
            try await DiscoveryEvalRun(unlabelled, engines: engines, settings: Self.settings).run()
        }
        let foreign = DiscoveryEvalRun.Test(texts: [set.utterances[0].text], gold: [try Planted.label("ask_parcel")])
        let error = await #expect(throws: SwitchboardError.self) {
            try await DiscoveryEvalRun(set, engines: engines, settings: Self.settings, test: foreign).run()
        }
        #expect(error?.message.contains("no label of the test utterances") == true)
        var tuned = Self.settings
        tuned.run.isTuned = true
        let settings = tuned
        await #expect(throws: SwitchboardError.self) {
            try await DiscoveryEvalRun(set, engines: engines, settings: settings).run()
        }
    }

    @Test func tuningIsDoneOnceAndRemembered() async throws {
        let tuner = RememberedTuner(CountingTuner())
        let texts = try ["a", "b"].map { try UtteranceText($0) }
        let vectors = VectorTable(dimension: 2, rows: [[1, 0], [0, 1]])
        let first = try await tuner.tune(texts: texts, vectors: vectors, seed: 1) { _ in }
        // Another call of the same tuner would throw.
        let second = try await tuner.tune(texts: texts, vectors: vectors, seed: 1) { _ in }
        #expect(first.values == second.values)
        #expect(tuner.table(of: texts.reversed())?.values == [1, 0, 0, 1])
        let unknown = try UtteranceText("c")
        #expect(tuner.table(of: [unknown]) == nil)
    }

    /// Swaps two vectors, once.
    private actor CountingTuner: VectorTuner {
        private var isUsed = false

        func tune(
            texts: [UtteranceText],
            vectors: VectorTable,
            seed: UInt64,
            progress: @escaping @Sendable (Double) async -> Void,
        ) async throws -> VectorTable {
            guard !isUsed else { throw SwitchboardError(.failedPrecondition, "tuned twice") }
            isUsed = true
            await progress(1)
            return VectorTable(dimension: 2, rows: (0..<vectors.count).reversed().map { Array(vectors[$0]) })
        }
    }
}
