package import Core
package import Discovering

extension DiscoveryReport {
    /// What a run was, beside its figures.
    package struct Setup: Sendable {
        package var settings: DiscoverySettings
        package var effort: RunEffort
        package var largestMergedShare: Double
        package var cuts: [SweptCut]
        /// Id of the encoder.
        package var encoder: String

        package init(
            settings: DiscoverySettings,
            effort: RunEffort,
            largestMergedShare: Double,
            cuts: [SweptCut],
            encoder: String,
        ) {
            self.settings = settings
            self.effort = effort
            self.largestMergedShare = largestMergedShare
            self.cuts = cuts
            self.encoder = encoder
        }
    }

    package init(_ figures: ClusterFigures, _ setup: Setup) {
        self.init(
            n: figures.n,
            nmi: figures.nmi,
            ari: figures.ari,
            acc: figures.acc,
            clusters: figures.clusters,
            goldClusters: figures.goldClusters,
            coverage: figures.coverage,
            coverageOfIntents: figures.coverageOfIntents,
            pureCoverage: figures.pureCoverage,
            pureCoverageOfIntents: figures.pureCoverageOfIntents,
            goodness: figures.goodness,
            largestShare: figures.largestShare,
            largestMergedShare: setup.largestMergedShare,
            method: setup.settings.method.rawValue,
            judgeKind: setup.settings.judge.rawValue,
            tuned: setup.settings.isTuned,
            cuts: Self.cuts(setup.cuts),
            llmCalls: setup.effort.llmCalls,
            llmTokens: setup.effort.llmTokens,
            llmSeconds: setup.effort.llmSeconds,
            seconds: setup.effort.seconds,
            encoder: setup.encoder,
            seed: setup.settings.seed,
            version: Version.current
        )
    }

    /// Nil: the method has no cuts.
    private static func cuts(_ swept: [SweptCut]) -> [Cut]? {
        guard !swept.isEmpty else { return nil }
        return swept.map { cut in
            Cut(
                vertical: cut.vertical.name,
                role: cut.role?.rawValue,
                resolution: cut.resolution,
                clusters: cut.clusters,
                silhouette: cut.silhouette,
                offeredAs: cut.offeredAs.map(\.rawValue)
            )
        }
    }

    /// Adds what the judge was found to be.
    ///
    /// - Parameters:
    ///   - calls: of language models, for both kinds of clusters.
    ///   - fittedOn: sets that the judge's weights were fitted to.
    package mutating func add(_ trial: JudgeTrial.Figures, calls: Int, fittedOn: [String]) {
        let (clusters, mixes) = (trial.clusters, trial.mixes)
        // Of both kinds together, each cluster counting as one.
        func pooled(_ value: (JudgeFigures) -> Double) -> Double {
            guard let mixes else { return value(clusters) }
            let sum = value(clusters) * Double(clusters.clusters) + value(mixes) * Double(mixes.clusters)
            return sum / Double(clusters.clusters + mixes.clusters)
        }
        let sure = pooled(\.shareSure)
        let rightAndSure = pooled { $0.shareSure * ($0.accuracyWhenSure ?? 0) }
        judge = Judge(
            clusters: clusters.clusters + (mixes?.clusters ?? 0),
            good: pooled(\.good),
            aurocClusters: clusters.auroc,
            aurocMixes: mixes?.auroc,
            ece: clusters.ece,
            eceMixes: mixes?.ece,
            accuracy: clusters.accuracy,
            accuracyMixes: mixes?.accuracy,
            accuracyWhenSure: sure > 0 ? rightAndSure / sure : nil,
            shareSure: sure,
            calls: calls,
            fittedOn: fittedOn
        )
    }

    package mutating func add(_ table: NameTable) {
        namesRight = table.right
        names = table.rows.count
        namesByModel = Measure.share(table.rows.map { $0.source == .model })
    }

    package mutating func add(_ figures: DownstreamTrial.Figures) {
        downstream = Downstream(
            n: figures.testUtterances,
            accuracy: figures.accuracy,
            exemplars: figures.exemplars,
            kMeans: figures.kMeans,
            gold: figures.gold,
            everyCluster: figures.everyCluster,
            pureClusters: figures.pureClusters,
            pValueToKMeans: figures.pValueToKMeans,
            pValueToGold: figures.pValueToGold
        )
    }
}

extension DiscoveryReport.Step {
    package init(_ name: String, _ figures: ClusterFigures, llmCalls: Int = 0, seconds: Double) {
        self.init(
            step: name,
            nmi: figures.nmi,
            acc: figures.acc,
            clusters: figures.clusters,
            coverage: figures.coverage,
            goodness: figures.goodness,
            llmCalls: llmCalls,
            seconds: seconds
        )
    }
}
