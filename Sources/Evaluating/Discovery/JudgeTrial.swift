internal import Clustering
package import Core
package import Discovering

/// Tries a judge on clusters whose labels are known, in the pool that they come from.
package struct JudgeTrial: Sendable {
    package struct Figures: Sendable, Equatable {
        /// On clusters as k-means cuts them.
        package var clusters: JudgeFigures
        /// On mixes of ten sentences; nil: no four intents have ten sentences.
        package var mixes: JudgeFigures?
    }

    /// Neighbours that a cluster's members may have in common.
    private static let listLength = 30
    private static let restarts = 3

    let judge: any ClusterJudge
    let settings: DiscoverySettings

    package init(judge: any ClusterJudge, settings: DiscoverySettings) {
        self.judge = judge
        self.settings = settings
    }

    /// - Parameter labels: of each utterance of the material.
    /// - Throws: what the judge throws; `.invalidArgument` where no cluster has labels.
    package func run(
        on material: Material,
        labels: [NamedIntent?],
        threads: Int,
        progress: @escaping @Sendable (Double) -> Void = { _ in },
    ) async throws -> Figures {
        let settings = settings
        let (field, cut, mixes) = try await onThread(named: "judge-trial") {
            let vectors = material.clusteringVectors
            let lists = NeighbourLists(of: vectors, k: Self.listLength, threads: threads, seed: settings.seed)
            let graph = NeighbourGraph(jaccardOf: lists, linked: settings.neighbours)
            let cut = JudgeTrialClusters.cut(labels: labels) { clusters in
                BaseClustering.kMeans(vectors, clusters: clusters, restarts: Self.restarts, seed: settings.seed)
            }
            let mixes = JudgeTrialClusters.mixes(labels: labels, vectors: material.vectors, seed: settings.seed)
            let field = JudgedField(
                material: material,
                lists: lists,
                graph: graph,
                seed: settings.seed,
                samples: settings.samples,
                goodProbability: settings.goodProbability
            )
            return (field, cut, mixes)
        }
        let total = Double(max(1, cut.clusters.count + mixes.clusters.count))
        let share = Double(cut.clusters.count) / total
        let onClusters = try await figures(cut, field) { progress(share * $0) }
        guard !mixes.clusters.isEmpty else { return Figures(clusters: onClusters, mixes: nil) }
        let onMixes = try await figures(mixes, field) { progress(share + (1 - share) * $0) }
        return Figures(clusters: onClusters, mixes: onMixes)
    }

    private func figures(
        _ trial: JudgeTrialClusters,
        _ field: JudgedField,
        progress: @escaping @Sendable (Double) -> Void,
    ) async throws -> JudgeFigures {
        let judgements = try await judge.judge(trial.clusters, of: field) { progress($0) }
        return try JudgeFigures(probabilities: judgements.map(\.probability), isGood: trial.isGood)
    }
}
