package import Core

/// Lets every cluster pass: what a partition is without a judge.
package struct LenientJudge: ClusterJudge {
    package var kind: DiscoverySettings.JudgeKind { .none }

    package init() {}

    package func judge(
        _ clusters: [[Int]],
        of field: JudgedField,
        progress: @Sendable (Double) async throws -> Void,
    ) async throws -> [ClusterJudgement] {
        try await progress(1)
        return clusters.map { _ in ClusterJudgement(probability: 1, low: 0, high: 1, isGood: true) }
    }
}
