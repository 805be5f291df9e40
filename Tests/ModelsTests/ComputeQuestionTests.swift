import Core
import Synchronization
import Testing

@testable import Models

/// A language model that answers questions about clusters, piece after piece until its gate opens.
private final class AnsweringScorer: CandidateScoring {
    let baseModel = ModelID(bytes: Array(repeating: 3, count: 32))!  // 32 bytes are what an id has.
    let adapter: ModelID? = nil
    let prompt = Prompt.id
    let promptTokens = 1_408
    let gate: Gate
    let begun = Counter()

    var clusterModels: ScoringModels? { ScoringModels(base: baseModel, adapter: nil, prompt: ClusterPrompt.id) }

    init(gate: Gate = Gate(isOpen: true)) {
        self.gate = gate
    }

    func makeContext() throws(SwitchboardError) -> any CandidateScoringContext { Context(scorer: self) }

    private final class Context: CandidateScoringContext {
        let scorer: AnsweringScorer

        init(scorer: AnsweringScorer) {
            self.scorer = scorer
        }

        func score(_ input: ScoringInput, interruption: Interruption) throws(SwitchboardError) -> ScoringOutput {
            ScoringOutput(logProbabilities: input.candidates.map { _ in -1 }, promptTokens: 1, isTruncated: false)
        }

        func answer(
            _ question: ClusterQuestion,
            interruption: Interruption,
        ) throws(SwitchboardError) -> ClusterAnswer {
            scorer.begun.add()
            repeat { try interruption.check() } while !scorer.gate.isOpen
            return ClusterAnswer(value: .good(0.75), tokens: question.utterances.count)
        }
    }
}

@Suite(.timeLimit(.minutes(2)))
struct ComputeQuestionTests {
    private static func question() throws -> ClusterQuestion {
        try ClusterQuestion(judging: [UtteranceText("where is it"), UtteranceText("is it there")])
    }

    private static func queue(_ scorer: (any CandidateScoring)?, threads: Int = 1) async throws -> ComputeQueue {
        let queue = ComputeQueue(encoder: FakeEncoder(), scorer: scorer, limits: .init(threads: threads))
        try await queue.start()
        return queue
    }

    private static func until(_ isSo: () -> Bool) async {
        while !isSo() { await Task.yield() }
    }

    @Test func aQuestionIsAnsweredAsDiscovery() async throws {
        let queue = try await Self.queue(AnsweringScorer())
        let answer = try await queue.answer(Self.question())
        #expect(answer.value == ClusterAnswer(value: .good(0.75), tokens: 2))
        #expect(queue.statistics.counts[.discovery].admitted == 1)
        await queue.shutDown()
    }

    @Test func callersAreServedInTheMiddleOfOne() async throws {
        let gate = Gate(isOpen: false)
        let scorer = AnsweringScorer(gate: gate)
        let queue = try await Self.queue(scorer)
        let question = try Self.question()
        async let asked = queue.answer(question)
        await Self.until { scorer.begun.value == 1 }
        #expect(try await queue.encode(["live"], ComputeOrder(.live)).value.count == 1)
        gate.open()
        #expect(try await asked.value.value == .good(0.75))
        await queue.shutDown()
    }

    @Test func aCancelledQuestionStops() async throws {
        let scorer = AnsweringScorer(gate: Gate(isOpen: false))
        let queue = try await Self.queue(scorer)
        let question = try Self.question()
        let asked = Task { try await queue.answer(question) }
        await Self.until { scorer.begun.value == 1 }
        asked.cancel()
        let error = await #expect(throws: SwitchboardError.self) { try await asked.value }
        #expect(error?.code == .cancelled)
        await queue.shutDown()
    }

    @Test func shuttingDownStopsARunningQuestion() async throws {
        let scorer = AnsweringScorer(gate: Gate(isOpen: false))
        let queue = try await Self.queue(scorer)
        let question = try Self.question()
        let asked = Task { try await queue.answer(question) }
        await Self.until { scorer.begun.value == 1 }
        await queue.shutDown(.dropping)
        let error = await #expect(throws: SwitchboardError.self) { try await asked.value }
        #expect(error?.code == .unavailable)
    }

    @Test func aScorerThatOnlyScoresSaysSo() async throws {
        let queue = try await Self.queue(FakeScorer())
        let error = await #expect(throws: SwitchboardError.self) { try await queue.answer(Self.question()) }
        #expect(error?.code == .unimplemented)
        await queue.shutDown()
        let none = try await Self.queue(nil)
        let missing = await #expect(throws: SwitchboardError.self) { try await none.answer(Self.question()) }
        #expect(missing?.code == .failedPrecondition)
        await none.shutDown()
    }
}
