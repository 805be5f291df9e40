package import Core

/// Judges by shared neighbours and the other features of the vectors; asks no model.
///
/// The estimate is by up to 96 members; the interval by random halves of them.
package struct VectorJudge: ClusterJudge {
    package let weights: JudgeWeights

    package var kind: DiscoverySettings.JudgeKind { .vectors }

    /// Of the members that were looked at, for the interval.
    static let halves = 40

    package init(weights: JudgeWeights) {
        self.weights = weights
    }

    package func judge(
        _ clusters: [[Int]],
        of field: JudgedField,
        progress: @Sendable (Double) async throws -> Void,
    ) async throws -> [ClusterJudgement] {
        let fits = weights.fits(for: field.material)
        let fit = FeatureFit(fits.vectors)
        let readings = try await ClusterReadings.read(clusters, of: field, halves: Self.halves, progress: progress)
        return readings.map { reading in
            guard let reading else { return .ofNothing }
            return field.judgement(
                logit: fits.bounded(fit.logit(reading.features), reading.features),
                halves: reading.halves.map { fits.bounded(fit.logit($0), $0) }
            )
        }
    }

    /// Judges those clusters of which a language model said nothing, beside the others.
    ///
    /// - Parameter judgements: the model's, one a cluster; nil: it did not answer.
    /// - Returns: all of them, in their order.
    /// - Throws: what `progress` throws.
    func standIn(
        for judgements: [ClusterJudgement?],
        of clusters: [[Int]],
        in field: JudgedField,
        progress: @Sendable (Double) async throws -> Void,
    ) async throws -> [ClusterJudgement] {
        let missing = judgements.indices.filter { judgements[$0] == nil }
        guard !missing.isEmpty else { return judgements.compactMap(\.self) }
        var beside = field
        beside.beside += judgements.indices.filter { judgements[$0] != nil }.map { clusters[$0] }
        let made = try await judge(missing.map { clusters[$0] }, of: beside, progress: progress)
        var all = judgements
        for (place, judgement) in zip(missing, made) {
            var judgement = judgement
            // Of fewer than two members nobody is asked anything.
            judgement.isStandIn = clusters[place].count >= 2
            all[place] = judgement
        }
        return all.compactMap(\.self)
    }
}
