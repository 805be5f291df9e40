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
        let fit = FeatureFit(weights.fits(for: field.material).vectors)
        let readings = try await ClusterReadings.read(clusters, of: field, halves: Self.halves, progress: progress)
        return readings.map { reading in
            guard let reading else { return .ofNothing }
            return field.judgement(
                logit: fit.logit(reading.features),
                halves: reading.halves.map { fit.logit($0) }
            )
        }
    }
}

/// The features of clusters, each by all members that were looked at and by halves of them.
package struct ClusterReadings: Sendable {
    /// In the order of `JudgeFeature.allCases`.
    package let features: [Double]
    package let halves: [[Double]]

    /// Members of a cluster that are looked at, at most: their pairs are what costs.
    package static let lookedAt = 96

    /// - Parameters:
    ///   - halves: how many a cluster.
    ///   - lookedAt: members of a cluster at most.
    /// - Returns: one a cluster; nil for fewer than two members.
    /// - Throws: what `progress` throws.
    package static func read(
        _ clusters: [[Int]],
        of field: JudgedField,
        halves: Int,
        lookedAt: Int = lookedAt,
        progress: @Sendable (Double) async throws -> Void,
    ) async throws -> [ClusterReadings?] {
        let surroundings = Surroundings(of: clusters, in: field)
        var reader = FieldReader(field)
        var readings: [ClusterReadings?] = []
        for (number, cluster) in clusters.enumerated() {
            if number % 16 == 0 { try await progress(Double(number) / Double(clusters.count)) }
            guard cluster.count >= 2 else {
                readings.append(nil)
                continue
            }
            let figures = reader.figures(of: cluster, number: number, among: surroundings, limit: lookedAt)
            readings.append(ClusterReadings(figures, of: cluster, in: field, halves: halves))
        }
        try await progress(1)
        return readings
    }

    init(_ figures: MemberFigures, of cluster: [Int], in field: JudgedField, halves: Int) {
        features = figures.features
        var random = field.generator(for: cluster, salt: 2)
        self.halves = figures.halves(halves, using: &random).map { figures.features(of: $0) }
    }
}
