internal import Calls
internal import Core
package import Messaging
package import Models
package import Wire

/// Scores candidates with the language model, on the compute threads.
package actor ScorerWorker: WorkerBody {
    package nonisolated let loop: PollLoop
    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    package nonisolated let hello: WorkerHello

    private let queue: ComputeQueue
    private let scorer: any CandidateScoring

    package init(name: String, queue: ComputeQueue, scorer: any CandidateScoring, loop: PollLoop) {
        self.queue = queue
        self.scorer = scorer
        self.loop = loop
        hello = WorkerHello(
            name: name,
            services: [RoutingServices.scorer],
            baseModel: scorer.baseModel,
            adapter: scorer.adapter,
            prompt: scorer.prompt,
        )
    }

    /// A score takes hundreds of milliseconds, so few at a time; the gateway may know another worker.
    package nonisolated func credit(for service: String) -> Int { 8 * queue.threadCount }

    package func waitUntilAble() {}

    /// A scorer has no replica, and is able as long as it is there.
    package func positions() -> AsyncStream<WorkerApplied> { AsyncStream { _ in } }

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
        let computed = try await queue.score(input, ComputeOrder(request.priority, deadline: deadline))
        return ScoreResponse(
            logprobs: computed.value.logProbabilities,
            promptTokens: computed.value.promptTokens,
            isTruncated: computed.value.isTruncated,
            baseModel: scorer.baseModel,
            adapter: scorer.adapter,
            prompt: scorer.prompt,
            queue: computed.timings.queued,
            score: computed.timings.working,
        ).encoded()
    }
}
