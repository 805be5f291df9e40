import Core
import Foundation
import Node
import SwitchboardClient
import Testing

@testable import Evaluating

/// `calibrate` on a real node with the project's own corpus.
@Suite(.serialized)
struct CalibrationRunTests {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("deploy/demo-data").path

    /// Twelve train utterances of each intent.
    private static func data() throws -> EvalData {
        try EvalData(
            reading: EvalFiles(
                train: ["\(folder)/orders.train.jsonl"],
                valid: ["\(folder)/orders.test.jsonl"],
                test: [],
                outOfScopeValid: ["\(folder)/oos.jsonl"],
            )
        )
        .drawing(perIntent: 12, seed: 1)
    }

    private static func load(_ utterances: [EvalUtterance], into client: SwitchboardClient) async throws {
        let publisher = try client.publisher()
        for utterance in utterances {
            let exemplar = try Exemplar(
                text: utterance.text.value,
                intent: utterance.gold.path.description,
                vertical: utterance.gold.vertical.name
            )
            _ = try await publisher.send(exemplar)
        }
        _ = try await publisher.finish()
    }

    @Test func aVerticalOfFewUtterancesHasNoPartOfItsOwn() throws {
        func said(_ count: Int, in name: String) throws -> [EvalUtterance] {
            let gold = NamedIntent(vertical: try Vertical(name), path: try IntentPath("a"))
            return try (0..<count).map { EvalUtterance(text: try UtteranceText("\(name) \($0)"), gold: gold) }
        }
        let utterances = try said(19, in: "small") + said(20, in: "middle") + said(50, in: "large")
        let verticals = CalibrationRun.verticals(in: utterances)
        #expect(verticals.enough.map(\.name) == ["large", "middle"])
        #expect(verticals.few.map(\.name) == ["small"])
    }

    @Test(.timeLimit(.minutes(10))) func aRunningNodeTellsProbabilitiesAfterwards() async throws {
        let data = try Self.data()
        let vertical = try #require(data.verticals.first)
        try await TestNode.run { client in
            try await Self.load(data.train, into: client)
            let question = data.valid[0].text.value
            #expect(try await client.classify(question).probability == nil)
            let id = try #require(ModelID(bytes: [UInt8](repeating: 7, count: ModelID.byteCount)))
            let part = LLMPolicy(baseModel: id, adapter: nil, prompt: id, evidenceWeight: 1, llmWeight: 1)
            _ = try await client.set([(.everywhere, Policy(retrieval: nil, llm: part))])
            // One call at a time: on some processors a text's vector depends on those encoded beside it, in the last digits.
            let settings = CalibrationRun.Settings(calling: EvalSettings(callsInFlight: 1))
            let run = CalibrationRun(client: client, settings: settings)
            let fitted = try await run.fit(.vertical(vertical), on: data.valid, outOfScope: data.outOfScopeValid)
            #expect(fitted.count == data.valid.count)
            #expect(fitted.words.count == 4)
            let policy = try #require(fitted.policy.retrieval)
            #expect(policy.calibrationTemperature != nil)
            #expect(policy.encoder != nil)
            // Another scope's part for the language model is not copied into this one.
            #expect(fitted.policy.llm == nil)
            // Nothing is set by the fit.
            #expect(try await client.classify(question).probability == nil)
            let receipt = try await client.set([(.vertical(vertical), fitted.policy), (.everywhere, fitted.policy)])
            #expect(receipt.refusals.isEmpty)
            #expect(try await client.classify(question).probability != nil)
            // Fitted again on the same, the policy that it begins with is the one that was set.
            let again = try await run.fit(.vertical(vertical), on: data.valid, outOfScope: data.outOfScopeValid)
            #expect(again.policy.retrieval?.llmMode == policy.llmMode)
            // Evidence is weighed around what holds where nothing was fitted, so the same utterances give the same.
            #expect(again.policy.retrieval?.classWeights == policy.classWeights)
            #expect(again.policy.retrieval?.voteTemperature == policy.voteTemperature)
            // The model is to be asked, and is not there: what it was fitted for before stays.
            var asking = policy
            asking.llmMode = .auto
            _ = try await client.set([(.vertical(vertical), Policy(retrieval: asking))])
            let without = try await run.fit(.vertical(vertical), on: data.valid, outOfScope: data.outOfScopeValid)
            #expect(without.policy.llm == nil)
            #expect(without.policy.retrieval?.llmMode == .auto)
            #expect(without.words.last?.contains("no scorer") == true)
        }
    }

    @Test(.timeLimit(.minutes(10))) func withoutStrangersSomeIntentsAreTreatedAsUnknown() async throws {
        let data = try Self.data()
        let vertical = try #require(data.verticals.first)
        try await TestNode.run { client in
            try await Self.load(data.train, into: client)
            let run = CalibrationRun(client: client, settings: .init())
            let fitted = try await run.fit(.vertical(vertical), on: data.valid, outOfScope: [])
            #expect(fitted.words.contains { $0.contains("out-of-scope recall") })
            await #expect(throws: SwitchboardError.self) {
                try await run.fit(.vertical(vertical), on: Array(data.valid.prefix(19)), outOfScope: [])
            }
        }
    }

    @Test(.timeLimit(.minutes(10))) func theModelIsAskedAsTheChoicesSay() async throws {
        let data = try Self.data()
        var models = try TestNode.models()
        models.scorer =
            ModelPaths.installed(in: ModelPaths.cache(environment: ProcessInfo.processInfo.environment)).scorer
        #expect(models.scorer != nil)
        try await TemporaryNode.run(models: models, computeThreads: 2) { client in
            try await Self.load(data.train, into: client)
            let id = try #require(ModelID(bytes: [UInt8](repeating: 7, count: ModelID.byteCount)))
            let choices = LLMPolicy(
                baseModel: id,
                adapter: nil,
                prompt: id,
                evidenceWeight: 1,
                llmWeight: 1,
                candidates: 3,
                exemplarsEach: 1,
                leastShare: 1e-6
            )
            let calling = EvalSettings(callsInFlight: 1)
            let asker = EvalAsker(client: client, settings: calling, verticals: data.verticals, position: nil)
            let questions = EvalRun.questions(Array(data.valid.prefix(4)), outOfScope: [])
            let samples = try await asker.score(questions, under: .builtin, choices: choices) { _ in }
            #expect(samples.count == 4)
            for sample in samples {
                guard case .scored(let scores, _) = sample.input.llm else { continue }
                #expect((2...3).contains(scores.count))
                #expect(sample.shown.count == Set(sample.shown.map(\.intent)).count)
            }
            let run = CalibrationRun(
                client: client,
                settings: .init(llm: .auto, chosen: [try PolicySetting("llm.candidates=2")], calling: calling)
            )
            let fitted = try await run.fit(
                .everywhere,
                on: Array(data.valid.prefix(24)),
                outOfScope: data.outOfScopeValid
            )
            #expect(fitted.policy.llm?.candidates == 2)
            #expect(fitted.words.last == "set: llm.candidates=2.0")
            // Once it is asked, its part is fitted without a word, and its answers carry probabilities.
            _ = try await client.set([(.everywhere, fitted.policy)])
            let again = try await CalibrationRun(client: client, settings: .init(calling: calling)).fit(
                .everywhere,
                on: Array(data.valid.prefix(24)),
                outOfScope: data.outOfScopeValid
            )
            #expect(again.policy.llm?.baseModel == fitted.policy.llm?.baseModel)
            #expect(again.policy.llm?.candidates == 2)
        }
    }
}
