internal import Calls
internal import Core
package import Messaging
package import Models
package import Wire

/// Scores candidates, judges and names clusters with the language model: of the compute threads, or of a server elsewhere.
package actor ScorerWorker: WorkerBody {
    package nonisolated let loop: PollLoop
    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private let workerName: String
    private let engine: any ScoringEngine

    package init(name: String, engine: any ScoringEngine, loop: PollLoop) {
        workerName = name
        self.engine = engine
        self.loop = loop
    }

    /// As the engine is now: a server elsewhere is known once it has answered.
    package nonisolated var hello: WorkerHello {
        let models = engine.models
        return WorkerHello(
            name: workerName,
            services: [RoutingServices.scorer],
            baseModel: models?.base,
            adapter: models?.adapter,
            prompt: models?.prompt,
        )
    }

    package nonisolated func credit(for service: String) -> Int { engine.callsAtATime }

    package func waitUntilAble() async {
        for await state in engine.state.values() where state == .able { return }
    }

    /// A scorer has no replica, so it tells nothing, until it can score no more.
    package func positions() -> AsyncStream<WorkerApplied> {
        let states = engine.state.values()
        let (stream, continuation) = AsyncStream.makeStream(of: WorkerApplied.self)
        let task = Task {
            for await state in states where state != .able { break }
            continuation.finish()
        }
        continuation.onTermination = { _ in task.cancel() }
        return stream
    }

    package func answer(_ call: WorkerCall, deadline: ContinuousClock.Instant) async throws -> [UInt8] {
        switch call.method {
        case Methods.score.name: try await score(call.payload, deadline).encoded()
        case Methods.judge.name: try await judge(call.payload, deadline).encoded()
        case Methods.name.name: try await name(call.payload, deadline).encoded()
        default: throw SwitchboardError(.unimplemented, "a scorer does not answer \(call.method)")
        }
    }

    private func score(_ payload: [UInt8], _ deadline: ContinuousClock.Instant) async throws -> ScoreResponse {
        let request = try await ScoreRequest.decoded(payload)
        var pairs: [ScoringInput.Pair] = []
        for pair in request.pairs {
            pairs.append(ScoringInput.Pair(query: try UtteranceText(pair.query), intent: pair.intent))
        }
        let input = ScoringInput(
            text: request.text,
            turns: request.turns,
            pairs: pairs,
            candidates: request.candidates,
            headStarts: request.headStarts
        )
        guard let models = engine.models else { throw notKnown }
        let computed = try await engine.score(input, ComputeOrder(request.priority, deadline: deadline))
        return ScoreResponse(
            logprobs: computed.value.logProbabilities,
            promptTokens: computed.value.promptTokens,
            isTruncated: computed.value.isTruncated,
            baseModel: models.base,
            adapter: models.adapter,
            prompt: models.prompt,
            queue: computed.timings.queued,
            score: computed.timings.working,
        )
    }

    private func judge(_ payload: [UInt8], _ deadline: ContinuousClock.Instant) async throws -> JudgeResponse {
        let request = try await JudgeRequest.decoded(payload)
        let (value, effort) = try await answer(ClusterQuestion(judging: request.utterances), deadline)
        guard case .good(let good) = value else { preconditionFailure("a judgement is a probability") }
        return JudgeResponse(good: good, effort: effort)
    }

    private func name(_ payload: [UInt8], _ deadline: ContinuousClock.Instant) async throws -> NameResponse {
        let request = try await NameRequest.decoded(payload)
        let question = try ClusterQuestion(
            naming: request.utterances,
            role: request.role,
            words: request.words,
            taken: request.taken
        )
        let (value, effort) = try await answer(question, deadline)
        guard case .name(let label) = value else { preconditionFailure("a name is a label") }
        return NameResponse(label: label, effort: effort)
    }

    private func answer(
        _ question: ClusterQuestion,
        _ deadline: ContinuousClock.Instant,
    ) async throws(SwitchboardError) -> (ClusterAnswer.Value, AnswerEffort) {
        // Where nothing answers, that is said by the engine.
        let computed = try await engine.answer(question, deadline: deadline)
        guard let models = engine.clusterModels else { throw notKnown }
        return (
            computed.value.value,
            AnswerEffort(
                tokens: computed.value.tokens,
                models: models,
                queue: computed.timings.queued,
                work: computed.timings.working
            )
        )
    }

    private var notKnown: SwitchboardError {
        SwitchboardError(.unavailable, engine.state.value.reason ?? "the scorer is not known yet")
    }
}
