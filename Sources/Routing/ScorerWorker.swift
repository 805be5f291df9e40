internal import Calls
internal import Core
package import Messaging
package import Models
package import Wire

/// Scores candidates with the language model: of the compute threads, or of a server elsewhere.
package actor ScorerWorker: WorkerBody {
    package nonisolated let loop: PollLoop
    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private let name: String
    private let engine: any ScoringEngine

    package init(name: String, engine: any ScoringEngine, loop: PollLoop) {
        self.name = name
        self.engine = engine
        self.loop = loop
    }

    /// As the engine is now: a server elsewhere is known once it has answered.
    package nonisolated var hello: WorkerHello {
        let models = engine.models
        return WorkerHello(
            name: name,
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
        guard call.method == Methods.score.name else {
            throw SwitchboardError(.unimplemented, "a scorer does not answer \(call.method)")
        }
        let request = try await ScoreRequest.decoded(call.payload)
        var pairs: [ScoringInput.Pair] = []
        for pair in request.pairs {
            pairs.append(ScoringInput.Pair(query: try UtteranceText(pair.query), intent: pair.intent))
        }
        let input = ScoringInput(
            text: request.text,
            turns: request.turns,
            pairs: pairs,
            candidates: request.candidates
        )
        guard let models = engine.models else {
            throw SwitchboardError(.unavailable, engine.state.value.reason ?? "the scorer is not known yet")
        }
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
        ).encoded()
    }
}
