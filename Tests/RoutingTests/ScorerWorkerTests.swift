import Calls
import Core
import Messaging
import Models
import Testing
import Wire

@testable import Routing

/// What a scorer makes of calls, on an engine that says what it is asked.
@Suite(.timeLimit(.minutes(1))) struct ScorerWorkerTests {
    private static func answer(_ engine: some ScoringEngine, _ method: String, _ payload: [UInt8]) async throws
        -> [UInt8]
    {
        let loop = PollLoop(name: "test-scorer")
        defer { loop.stop() }
        let worker = ScorerWorker(name: "scorer", engine: engine, loop: loop)
        let call = WorkerCall(callID: 1, method: method, timeLeft: .seconds(30), payload: payload)
        return try await worker.answer(call, deadline: .now + .seconds(30))
    }

    private static func utterances() throws -> [UtteranceText] { [try UtteranceText("where is my parcel")] }

    @Test func aNameComesWithWhatMadeIt() async throws {
        let request = NameRequest(
            utterances: try Self.utterances(),
            taken: ["track-parcel"],
            words: ["parcel"],
            role: .agent
        )
        let engine = try AskedEngine()
        let response = try NameResponse(decoding: await Self.answer(engine, Methods.name.name, request.encoded()))
        // The verbs of an agent, the words and what is taken have reached the engine.
        #expect(response.label == "\(ActionVerbs.agents[0])-parcel-1")
        #expect(response.effort.tokens == 12)
        #expect(response.effort.models == engine.clusterModels)
    }

    @Test func aJudgementComesWithWhatMadeIt() async throws {
        let engine = try AskedEngine()
        let payload = JudgeRequest(utterances: try Self.utterances()).encoded()
        let response = try JudgeResponse(decoding: await Self.answer(engine, Methods.judge.name, payload))
        #expect(response.good == 0.25)
        #expect(response.effort.models == engine.clusterModels)
    }

    @Test func aScorerThatOnlyScoresSaysSo() async throws {
        let payload = JudgeRequest(utterances: try Self.utterances()).encoded()
        let error = await #expect(throws: SwitchboardError.self) {
            try await Self.answer(ScoresOnly(), Methods.judge.name, payload)
        }
        #expect(error?.code == .unimplemented)
    }

    @Test func wordsThatAreNoneAreRefused() async throws {
        let payload = NameRequest(utterances: try Self.utterances(), words: ["two words"]).encoded()
        let error = await #expect(throws: SwitchboardError.self) {
            try await Self.answer(try AskedEngine(), Methods.name.name, payload)
        }
        #expect(error?.code == .invalidArgument)
    }

    @Test func anUnknownMethodIsUnimplemented() async throws {
        let error = await #expect(throws: SwitchboardError.self) {
            try await Self.answer(try AskedEngine(), "switchboard.v1.Scorer/Guess", [])
        }
        #expect(error?.code == .unimplemented)
    }
}

private struct ScoresOnly: ScoringEngine {
    var models: ScoringModels? { nil }
    var callsAtATime: Int { 1 }
    let state = CurrentValue(EngineState.able)

    func score(
        _ input: ScoringInput,
        _ order: ComputeOrder,
    ) async throws(SwitchboardError) -> Computed<ScoringOutput> {
        throw SwitchboardError(.unavailable, "nothing is scored here")
    }
}

/// Names everything by the first verb, the first word and the number of names that are taken.
private struct AskedEngine: ScoringEngine {
    let clusterModels: ScoringModels?
    var models: ScoringModels? { clusterModels }
    var callsAtATime: Int { 1 }
    let state = CurrentValue(EngineState.able)

    init() throws {
        let base = try #require(ModelID(bytes: [UInt8](repeating: 5, count: 32)))
        clusterModels = ScoringModels(base: base, adapter: nil, prompt: ClusterPrompt.id)
    }

    func score(
        _ input: ScoringInput,
        _ order: ComputeOrder,
    ) async throws(SwitchboardError) -> Computed<ScoringOutput> {
        throw SwitchboardError(.unavailable, "nothing is scored here")
    }

    func answer(
        _ question: ClusterQuestion,
        deadline: ContinuousClock.Instant?,
    ) async throws(SwitchboardError) -> Computed<ClusterAnswer> {
        let value: ClusterAnswer.Value =
            switch question.kind {
            case .judge: .good(0.25)
            case .name(let form): .name("\(form.verbs[0])-\(form.words[0])-\(form.taken.count)")
            }
        return Computed(value: ClusterAnswer(value: value, tokens: 12), timings: ComputeTimings())
    }
}
