import Core
import Evaluating
import Foundation
import Models
import Node
import SwitchboardClient
import Synchronization
import Testing

/// What an adapter is trained on, against what a node asks.
@Suite(.serialized)
struct TrainingSetTests {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("deploy/demo-data").path

    /// Ten of each intent.
    private static func utterances() throws -> [EvalUtterance] {
        try EvalData(reading: EvalFiles(train: ["\(folder)/orders.train.jsonl"], test: []))
            .drawing(perIntent: 10, seed: 1).train
    }

    private static func examples(
        _ settings: TrainingSetSettings,
        client: SwitchboardClient,
        scorer: ScorerModel,
    ) async throws -> (examples: [TrainingExample], tally: TrainingSet.Tally) {
        var examples: [TrainingExample] = []
        let tally = try await TrainingSet(client: client, settings: settings, scorer: scorer).make(
            of: try utterances(),
            progress: { _, _, _ in }
        ) { examples.append($0) }
        return (examples, tally)
    }

    @Test(.timeLimit(.minutes(10))) func anExampleIsWhatTheNodeWouldAsk() async throws {
        var models = try TestNode.models()
        models.scorer =
            ModelPaths.installed(in: ModelPaths.cache(environment: ProcessInfo.processInfo.environment)).scorer
        let scorer = try ScorerModel(path: try #require(models.scorer), backend: LlamaBackend { _, _ in })
        try await TemporaryNode.run(models: models, computeThreads: 2) { client in
            let settings = TrainingSetSettings(
                candidates: LLMPolicy.defaultCandidates...LLMPolicy.defaultCandidates,
                exemplarsEach: LLMPolicy.defaultExemplarsEach...LLMPolicy.defaultExemplarsEach,
                variesNames: false,
                limit: 4,
                scored: 4,
            )
            let (examples, tally) = try await Self.examples(settings, client: client, scorer: scorer)
            #expect(examples.count == 4 && tally.examples == 4)
            #expect(tally.asked == tally.examples + tally.sure + tally.missed)
            let byKey = Dictionary(
                try Self.utterances().map { (ExemplarID(vertical: $0.gold.vertical, text: $0.text).description, $0) },
                uniquingKeysWith: { first, _ in first }
            )
            for example in examples {
                let utterance = try #require(byKey[example.key])
                var options = SwitchboardClient.ClassifyOptions()
                options.llm = .always
                options.exclude = [example.key]
                options.deadline = .seconds(30)
                let answer = try await client.classify(utterance.text.value, options: options)
                let asked = answer.candidates.compactMap(\.llmLogprob).sorted()
                let expected = try #require(example.llmLogprobs)
                #expect(asked.count == expected.count)
                #expect(zip(asked, expected.sorted()).allSatisfy { abs($0 - $1) < 1e-3 })
                let right = try #require(answer.candidates.first { $0.intent == utterance.gold.path.description })
                #expect(abs(expected[example.gold] - (try #require(right.llmLogprob))) < 1e-3)
            }
        }
    }

    @Test(.timeLimit(.minutes(10))) func theSameSeedGivesTheSameExamplesAndWithFewExemplarsTheOthersAsk() async throws {
        let path = ModelPaths.installed(in: ModelPaths.cache(environment: ProcessInfo.processInfo.environment)).scorer
        let scorer = try ScorerModel(path: try #require(path), backend: LlamaBackend { _, _ in })
        var settings = TrainingSetSettings(limit: 40, perIntent: 3, scored: 0, seed: 5)
        func make() async throws -> [TrainingExample] {
            try await TestNode.run { try await Self.examples(settings, client: $0, scorer: scorer).examples }
        }
        let first = try await make()
        #expect(first.count == 40)
        #expect(first.allSatisfy { (2...8).contains($0.candidates.count) && $0.candidates.indices.contains($0.gold) })
        #expect(first.allSatisfy { $0.scores.count == $0.candidates.count && $0.llmLogprobs == nil })
        // The right one stands anywhere.
        #expect(Set(first.map(\.gold)).count > 2)
        let second = try await make()
        // Which texts share a batch differs from run to run, and with it the last digits of a vector.
        #expect(zip(first, second).count { $0.prompt == $1.prompt } > 30)
        settings.seed = 6
        let other = try await make()
        #expect(zip(first, other).count { $0.prompt == $1.prompt } < 10)
    }

    @Test(.timeLimit(.minutes(10))) func someExamplesShowTheTurnsBeforeTheUtterance() async throws {
        let path = ModelPaths.installed(in: ModelPaths.cache(environment: ProcessInfo.processInfo.environment)).scorer
        let scorer = try ScorerModel(path: try #require(path), backend: LlamaBackend { _, _ in })
        let said = [Turn(role: .agent, text: try UtteranceText("good morning, what can i do for you"))]
        let shown = try Self.tokens(ofTurns: said, scorer)
        let settings = TrainingSetSettings(limit: 20, scored: 0)
        let utterances = try Self.utterances().map { EvalUtterance(text: $0.text, gold: $0.gold, turns: said) }
        let examples = try await TestNode.run { client async throws -> [TrainingExample] in
            var examples: [TrainingExample] = []
            _ = try await TrainingSet(client: client, settings: settings, scorer: scorer).make(
                of: utterances,
                progress: { _, _, _ in }
            ) { examples.append($0) }
            return examples
        }
        #expect(examples.count == 20)
        let withTurns = examples.count { example in
            example.prompt.indices.contains { example.prompt[$0...].starts(with: shown) }
        }
        #expect((1..<20).contains(withTurns))
        #expect(examples.allSatisfy { (1...24).contains($0.pairs) })
    }

    /// What a prompt has more where there are turns.
    private static func tokens(ofTurns turns: [Turn], _ scorer: ScorerModel) throws -> [Int32] {
        let context = try ScorerContext(model: scorer)
        func prompt(_ turns: [Turn]) throws -> [Int32] {
            let input = try ScoringInput(
                text: UtteranceText("hello"),
                turns: turns,
                pairs: [],
                candidates: [IntentPath("greeting")]
            )
            let tokens = try context.tokens(of: input)
            #expect(tokens.pairs == 0)
            return tokens.prompt
        }
        let (without, with) = (try prompt([]), try prompt(turns))
        let shared = zip(without, with).prefix { $0 == $1 }.count
        return Array(with[shared..<shared + with.count - without.count])
    }
}
