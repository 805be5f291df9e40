internal import Core

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
        var reader = FieldReader(field, neighbours: neighbours(forMeanSize: surroundings.meanSize))
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

    /// What members of one intent have in common depends on how many there are beside them: lists of half the mean
    /// cluster make dense and thin pools alike.
    private static func neighbours(forMeanSize size: Double) -> Int {
        min(max(fewestNeighbours, Int(size / 2)), JudgedField.listed)
    }

    private static let fewestNeighbours = 8

    private init(features: [Double], halves: [[Double]]) {
        self.features = features
        self.halves = halves
    }

    init(_ figures: MemberFigures, of cluster: [Int], in field: JudgedField, halves: Int) {
        features = figures.features
        var random = field.generator(for: cluster, salt: 2)
        self.halves = figures.halves(halves, using: &random).map { figures.features(of: $0) }
    }

    func scaled(by scale: FeatureScale) -> ClusterReadings {
        ClusterReadings(features: scale.standardised(features), halves: halves.map(scale.standardised))
    }
}
