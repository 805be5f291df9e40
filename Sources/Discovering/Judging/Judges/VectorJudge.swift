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
}
