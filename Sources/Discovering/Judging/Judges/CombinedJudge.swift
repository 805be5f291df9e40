package import Core

/// Judges by vectors and scorer together; by vectors where there is no scorer, or it does not answer.
package struct CombinedJudge: ClusterJudge {
    package let weights: JudgeWeights
    private let scorer: ScorerJudge

    package var kind: DiscoverySettings.JudgeKind { .both }

    package init(
        weights: JudgeWeights,
        engines: any DiscoveryEngines,
        effort: EffortCounter,
        sampling: DiscoverySettings.Sampling = .random,
    ) {
        self.weights = weights
        scorer = ScorerJudge(weights: weights, engines: engines, effort: effort, sampling: sampling)
    }

    package func judge(
        _ clusters: [[Int]],
        of field: JudgedField,
        progress: @Sendable (Double) async throws -> Void,
    ) async throws -> [ClusterJudgement] {
        guard ScorerJudge.haveRivals(clusters, in: field) else {
            return try await VectorJudge(weights: weights).judge(clusters, of: field, progress: progress)
        }
        let shares = try await scorer.ownShares(of: clusters, in: field, progress: progress)
        let readings = try await ClusterReadings.read(clusters, of: field, halves: VectorJudge.halves) { _ in
            try await progress(1)
        }
        let fit = CombinedFit(weights.fits(for: field.material))
        return clusters.indices.map { number in
            guard let reading = readings[number] else { return .ofNothing }
            guard let own = shares[number] else {
                var judgement = field.judgement(
                    logit: fit.logit(reading.features),
                    halves: reading.halves.map { fit.logit($0) }
                )
                judgement.isStandIn = true
                return judgement
            }
            guard let mean = ScorerJudge.mean(own) else { return .ofNothing }
            var random = field.generator(for: clusters[number], salt: 5)
            let halves = ScorerJudge.halves(of: own, reading.halves.count, using: &random)
            return field.judgement(
                logit: fit.logit(reading.features, mean),
                halves: zip(reading.halves, halves).map { fit.logit($0, $1) }
            )
        }
    }
}

/// Vectors and scorer in one figure.
private struct CombinedFit {
    private let fits: JudgeFits
    private let vectors: FeatureFit
    private let scorer: FeatureFit
    private let both: FeatureFit?

    init(_ fits: JudgeFits) {
        self.fits = fits
        vectors = FeatureFit(fits.vectors)
        scorer = FeatureFit(fits.scorer)
        both = fits.both.map { FeatureFit($0) }
    }

    /// By the vectors alone.
    func logit(_ features: [Double]) -> Double { fits.bounded(vectors.logit(features), features) }

    func logit(_ features: [Double], _ ownShare: Double) -> Double {
        let apart = (vectors.logit(features) + scorer.logit(features, ownShare: ownShare)) / 2
        return fits.bounded(both?.logit(features, ownShare: ownShare) ?? apart, features)
    }
}
