package import Core

/// Whether clusters are one intent each: a cluster in, P(good) out (the interface of Dial-In LLM, with a probability in
/// place of its yes or no).
///
/// Good means that at least 80 % of the cluster have one intent. A judge changes no cluster. Equal clusters in equal
/// fields get equal judgements, in whichever order they come.
package protocol ClusterJudge: Sendable {
    var kind: DiscoverySettings.JudgeKind { get }

    /// - Parameters:
    ///   - clusters: rows of the field; each row in one cluster at most.
    ///   - progress: gets the share that is done, and may throw to end it.
    /// - Returns: one judgement a cluster, in their order.
    /// - Throws: what `progress` or an engine throws.
    func judge(
        _ clusters: [[Int]],
        of field: JudgedField,
        progress: @Sendable (Double) async throws -> Void,
    ) async throws -> [ClusterJudgement]
}

/// The judge that the settings name. What its engine does not answer is judged by vectors, and told by `isStandIn`.
package func makeJudge(
    _ settings: DiscoverySettings,
    engines: any DiscoveryEngines,
    weights: JudgeWeights,
    effort: EffortCounter,
) -> any ClusterJudge {
    switch settings.judge {
    case .none: LenientJudge()
    case .vectors: VectorJudge(weights: weights)
    case .scorer:
        ScorerJudge(weights: weights, engines: engines, effort: effort, sampling: settings.sampling)
    case .both:
        CombinedJudge(weights: weights, engines: engines, effort: effort, sampling: settings.sampling)
    case .llm:
        ModelJudge(weights: weights, engines: engines, effort: effort, sampling: settings.sampling)
    }
}
