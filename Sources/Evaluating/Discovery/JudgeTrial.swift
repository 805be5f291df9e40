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

    private static let restarts = 3

    let judge: any ClusterJudge
    let weights: JudgeWeights
    let settings: DiscoverySettings

    /// - Parameter weights: those that the judge has.
    package init(judge: any ClusterJudge, weights: JudgeWeights, settings: DiscoverySettings) {
        self.judge = judge
        self.weights = weights
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
        let (field, cuts, mixes) = try await WorkThread("judge-trial").run {
            let vectors = material.clusteringVectors
            let cuts = JudgeTrialClusters.cuts(labels: labels) { clusters in
                BaseClustering.kMeans(vectors, clusters: clusters, restarts: Self.restarts, seed: settings.seed)
            }
            let mixes = JudgeTrialClusters.mixes(labels: labels, vectors: material.vectors, seed: settings.seed)
            return (JudgedField(of: material, settings: settings, threads: threads) { _ in }, cuts, mixes)
        }
        let parts = Double(cuts.count + 1)
        var judged: [(probability: Double, isGood: Bool)] = []
        for (number, cut) in cuts.enumerated() {
            // Clusters of another cut would be rivals of their own halves.
            let judgements = try await judge.judge(cut.clusters, of: field) { progress((Double(number) + $0) / parts) }
            judged += Self.counted(cut, judgements)
        }
        let onClusters = try Self.figures(judged)
        guard !mixes.clusters.isEmpty else { return Figures(clusters: onClusters, mixes: nil) }
        // As fine as the labels.
        let beside = cuts[cuts.count / 2].clusters
        let judgements = try await judgeMixes(mixes.clusters, field, beside) { done in
            progress((parts - 1 + done) / parts)
        }
        return Figures(clusters: onClusters, mixes: try Self.figures(Self.counted(mixes, judgements)))
    }

    /// Each mix by itself, since the same sentence may be in several. A judge that holds sentences against other clusters
    /// gets those of a cut, without the mix and without the cluster that most of it is from.
    private func judgeMixes(
        _ mixes: [[Int]],
        _ field: JudgedField,
        _ cut: [[Int]],
        progress: (Double) -> Void,
    ) async throws -> [ClusterJudgement] {
        if judge.kind == .vectors {
            return try await WorkThread("judge-trial").run { [weights] in
                JudgedMixes(weights: weights).judge(mixes, of: field)
            }
        }
        var judgements: [ClusterJudgement] = []
        for (number, mix) in mixes.enumerated() {
            let rows = Set(mix)
            let common = cut.map { cluster in cluster.count { rows.contains($0) } }
            let home = common.firstIndex(of: common.max() ?? 0)
            var single = field
            single.beside = cut.indices.filter { $0 != home }
                .map { cut[$0].filter { !rows.contains($0) } }.filter { !$0.isEmpty }
            judgements += try await judge.judge([mix], of: single) { _ in }
            progress(Double(number + 1) / Double(mixes.count))
        }
        return judgements
    }

    /// Those whose labels tell.
    private static func counted(
        _ trial: JudgeTrialClusters,
        _ judgements: [ClusterJudgement],
    ) -> [(probability: Double, isGood: Bool)] {
        zip(judgements, trial.isGood).compactMap { judgement, isGood in isGood.map { (judgement.probability, $0) } }
    }

    private static func figures(_ judged: [(probability: Double, isGood: Bool)]) throws -> JudgeFigures {
        try JudgeFigures(probabilities: judged.map(\.probability), isGood: judged.map(\.isGood))
    }
}
