package import Core
package import Models
internal import Synchronization

// Questions about clusters.
extension RemoteScorer {
    package var clusterModels: ScoringModels? {
        models.map { ScoringModels(base: $0.base, adapter: nil, prompt: ClusterPrompt.id) }
    }

    /// Weighs names as it weighs candidates: round after round, each ending behind the whole prompt, so that a server that
    /// keeps what prompts begin with (vLLM does) computes little of it again.
    ///
    /// - Throws: as `EngineServer.ask`.
    package func answer(
        _ question: ClusterQuestion,
        deadline: ContinuousClock.Instant?,
    ) async throws(SwitchboardError) -> Computed<ClusterAnswer> {
        guard let known = self.known.withLock({ $0 }) else {
            throw SwitchboardError(.unavailable, state.value.reason ?? "the model server is not known yet")
        }
        return try await answer(question, ComputeOrder(.discovery, deadline: deadline), known)
    }

    @concurrent
    private func answer(
        _ question: ClusterQuestion,
        _ order: ComputeOrder,
        _ known: Server,
    ) async throws(SwitchboardError) -> Computed<ClusterAnswer> {
        let start = ContinuousClock.now
        let prompt = try ClusterPromptTokens.text(of: question, limit: known.promptLimit)
        var inquiry = ClusterInquiry(question)
        var tokens = 0
        while !inquiry.endings.isEmpty {
            let weighed = try await weigh(inquiry.endings, after: prompt, known, order)
            var figures: [Double] = []
            do throws(EngineFailure) {
                for ending in weighed { figures.append(try ending.tokens.sum(from: ending.start)) }
            } catch {
                throw error.error(of: server.address)
            }
            tokens = max(tokens, weighed.map(\.start).min() ?? 0)
            inquiry.take(figures)
        }
        guard let value = inquiry.value else { preconditionFailure("an inquiry without endings has its answer") }
        var timings = ComputeTimings()
        timings.working = start.duration(to: .now)
        return Computed(value: ClusterAnswer(value: value, tokens: tokens), timings: timings)
    }
}
