package import Core

/// What a scorer has its figures from: the node's own compute threads, or a server elsewhere.
package protocol ScoringEngine: Sendable {
    /// Nil: not known yet, since the server has not answered so far.
    var models: ScoringModels? { get }
    /// Scores that it makes at a time or keeps in a short line; a gateway may know another worker for more.
    var callsAtATime: Int { get }
    var state: CurrentValue<EngineState> { get }

    /// - Throws: as `ComputeQueue.score`.
    func score(
        _ input: ScoringInput,
        _ order: ComputeOrder,
    ) async throws(SwitchboardError) -> Computed<ScoringOutput>

    /// What answers questions about clusters; nil: nothing does, or it is not known yet.
    var clusterModels: ScoringModels? { get }

    /// Answers a question about a cluster, when nobody else is waiting.
    ///
    /// - Throws: as `ComputeQueue.answer`.
    func answer(
        _ question: ClusterQuestion,
        deadline: ContinuousClock.Instant?,
    ) async throws(SwitchboardError) -> Computed<ClusterAnswer>
}

extension ScoringEngine {
    package var clusterModels: ScoringModels? { nil }

    /// For an engine that only scores.
    package func answer(
        _ question: ClusterQuestion,
        deadline: ContinuousClock.Instant?,
    ) async throws(SwitchboardError) -> Computed<ClusterAnswer> {
        throw .scoresOnly
    }
}

/// The language model of a compute queue.
package struct LocalScoring: ScoringEngine {
    package let models: ScoringModels?
    package let clusterModels: ScoringModels?
    package let state = CurrentValue(EngineState.able)
    private let queue: ComputeQueue

    /// - Parameter scorer: the one that `queue` was made with.
    package init(_ scorer: any CandidateScoring, on queue: ComputeQueue) {
        models = ScoringModels(base: scorer.baseModel, adapter: scorer.adapter, prompt: scorer.prompt)
        clusterModels = scorer.clusterModels
        self.queue = queue
    }

    /// A score takes hundreds of milliseconds, so few at a time.
    package var callsAtATime: Int { 8 * queue.threadCount }

    package func score(
        _ input: ScoringInput,
        _ order: ComputeOrder,
    ) async throws(SwitchboardError) -> Computed<ScoringOutput> {
        try await queue.score(input, order)
    }

    package func answer(
        _ question: ClusterQuestion,
        deadline: ContinuousClock.Instant?,
    ) async throws(SwitchboardError) -> Computed<ClusterAnswer> {
        try await queue.answer(question, deadline: deadline)
    }
}
