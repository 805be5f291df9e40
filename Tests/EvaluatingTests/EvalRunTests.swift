import Core
import Evaluating
import Foundation
import Node
import Testing

/// The whole of `eval` on the project's own corpus: a real node, real sockets, the real encoder.
@Suite(.serialized)
struct EvalRunTests {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("deploy/demo-data").path

    private func files(train: [String], test: [String], oos: [String] = []) -> EvalFiles {
        func paths(_ names: [String]) -> [String] { names.map { "\(Self.folder)/\($0)" } }
        return EvalFiles(train: paths(train), test: paths(test), outOfScope: paths(oos))
    }

    /// One vertical with so many train utterances an intent, for what does not depend on how many there are.
    private func fewOrders(perIntent count: Int) throws -> EvalData {
        try EvalData(reading: files(train: ["orders.train.jsonl"], test: ["orders.test.jsonl"]))
            .drawing(perIntent: count, seed: 1)
    }

    @Test(.timeLimit(.minutes(10))) func measuresTheDemoCorpus() async throws {
        let data = try EvalData(
            reading: files(
                train: ["orders.train.jsonl", "devices.train.jsonl"],
                test: ["orders.test.jsonl", "devices.test.jsonl"],
                oos: ["oos.jsonl"],
            )
        )
        .drawing(perIntent: 15, seed: 1)
        var settings = EvalSettings(latencyCalls: 40)
        settings.leaveOneOutSample = 600
        let outcome = try await TestNode.evaluate(data, settings)
        let report = outcome.report
        #expect(report.n == data.test.count)
        #expect(report.indexSize == data.train.count)
        // 88 intents, callers who tell stories, and the vote alone: hard, yet far above chance.
        #expect(report.accuracy > 0.3 && report.accuracy < 1)
        #expect(report.macroF1 > 0.25)
        #expect(report.verticals.map(\.vertical) == ["devices", "orders"])
        #expect(report.verticals.map(\.n).reduce(0, +) == report.n)
        #expect(report.levels.map(\.depth) == [1, 2, 3, 4])
        #expect(zip(report.levels, report.levels.dropFirst()).allSatisfy { $0.accuracy >= $1.accuracy - 0.1 })
        #expect(Set(report.recallAtK.keys) == ["1", "3", "5", "10"])
        #expect(try #require(report.recallAtK["10"]) >= report.accuracy)
        #expect(try #require(report.recallAtK["1"]) <= (try #require(report.recallAtK["10"])))
        #expect(try #require(report.ece) < 0.2)
        let oos = try #require(report.oos)
        #expect(oos.auroc > 0.8)
        #expect(oos.inScopeAccuracy <= report.accuracy)
        #expect(oos.inScopeAccuracy > report.accuracy - 0.05)
        #expect(oos.threshold == outcome.policy.retrieval?.minimumFamiliarity)
        #expect(report.decidedBy.retrieval == 1)
        let outcomes = report.outcomes
        #expect(abs(outcomes.route + outcomes.clarify + outcomes.unknown - 1) < 1e-9)
        #expect(try #require(outcomes.routePrecision) > report.accuracy)
        #expect(report.coverage.first.map { $0.accuracy >= report.accuracy } ?? false)
        #expect(report.coverage.last?.accuracy == report.accuracy)
        let latency = try #require(report.latencyMs)
        #expect(latency.total.p50 >= latency.encode.p50 && latency.encode.p50 > 0)
        #expect(report.encoder.count == 64)
    }

    @Test(.timeLimit(.minutes(10))) func heldOutIntentsAreRefusedMoreOftenThanKnownOnes() async throws {
        let data = try EvalData(reading: files(train: ["orders.train.jsonl"], test: ["orders.test.jsonl"]))
            .holdingOut(1.0 / 3, seed: 1)
        let progress = ProgressLog()
        var settings = EvalSettings(latencyCalls: 0, leaveOneOutSample: 300)
        settings.leavesIntentsOut = true
        let outcome = try await TestNode.evaluate(data, settings) { progress.add($0) }
        #expect(progress.stages.contains(.leavingOut))
        #expect(outcome.words.contains { $0.contains("out-of-scope recall") })
        let oos = try #require(outcome.report.oos)
        let refused = Measure.share(outcome.answers.map(\.isRefused)) ?? 1
        #expect(oos.recall > refused)
        #expect(oos.auroc > 0.5)
        #expect(outcome.answers.count == data.test.count && outcome.outOfScope.count == data.outOfScope.count)
    }

    @Test(.timeLimit(.minutes(10))) func theSameDataGivesTheSameFigures() async throws {
        let data = try fewOrders(perIntent: 16)
        let settings = EvalSettings(latencyCalls: 0, leaveOneOutSample: 200)
        let first = try await TestNode.evaluate(data, settings).report
        let second = try await TestNode.evaluate(data, settings).report
        // Which texts share a batch differs from run to run, and with it the last digits of a vector.
        #expect(abs(first.accuracy - second.accuracy) < 0.02)
        #expect(first.n == second.n && first.indexSize == second.indexSize)
        #expect(first.latencyMs == nil)
        #expect(first.oos == nil)
    }

    @Test(.timeLimit(.minutes(10))) func validationDataIsFittedOnAndThenLearnt() async throws {
        let all = try fewOrders(perIntent: 10)
        let rows = all.train
        let data = EvalData(
            train: rows.enumerated().filter { $0.offset % 5 != 0 }.map(\.element),
            valid: rows.enumerated().filter { $0.offset % 5 == 0 }.map(\.element),
            test: all.test,
        )
        let progress = ProgressLog()
        let outcome = try await TestNode.evaluate(data, EvalSettings(latencyCalls: 0)) { progress.add($0) }
        #expect(outcome.report.indexSize == rows.count)
        #expect(outcome.policy.retrieval?.calibrationTemperature != nil)
        #expect(outcome.words.contains { $0.contains("on \(data.valid.count) utterances") })
        #expect(progress.stages == [.loading, .fitting, .joining, .measuring])
        #expect(progress.all.filter { $0.done == $0.total }.map(\.stage) == progress.stages)
    }

    @Test(.timeLimit(.minutes(10))) func aNodeThatHoldsTheVerticalAlreadyIsLeftAlone() async throws {
        let data = try fewOrders(perIntent: 8)
        let settings = EvalSettings(latencyCalls: 0, leaveOneOutSample: 50)
        try await TestNode.run { client in
            let loaded = try await EvalRun(client: client, data: data, settings: settings).run()
            await #expect(throws: SwitchboardError.self) {
                _ = try await EvalRun(client: client, data: data, settings: settings).run()
            }
            // Without train data the node is measured as it stands, policy and all.
            let asItStands = EvalData(train: [], test: data.test)
            let measured = try await EvalRun(client: client, data: asItStands, settings: settings).run()
            #expect(abs(measured.report.accuracy - loaded.report.accuracy) < 0.02)
            #expect(abs((measured.report.ece ?? 0) - (loaded.report.ece ?? 1)) < 0.02)
            #expect(measured.policy.retrieval == nil)
        }
    }
}
