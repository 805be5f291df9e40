package import Clustering
package import Core

/// Where clusters are judged: the utterances of a run with their neighbours, and what stands beside the clusters.
///
/// A value. Rows are numbered as in `material`.
package struct JudgedField: Sendable {
    package let material: Material
    /// Over all of the material: what two utterances have in common is who else is near both.
    package let lists: NeighbourLists
    package let graph: NeighbourGraph
    package let seed: UInt64
    /// Sentences of a cluster that a language model is asked about.
    package let samples: Int
    /// A cluster is good from this probability on.
    package let goodProbability: Double
    /// Clusters that are not judged with the others and are their rivals all the same.
    package var beside: [[Int]] = []

    package init(
        material: Material,
        lists: NeighbourLists,
        graph: NeighbourGraph,
        seed: UInt64,
        samples: Int,
        goodProbability: Double,
    ) {
        self.material = material
        self.lists = lists
        self.graph = graph
        self.seed = seed
        self.samples = samples
        self.goodProbability = goodProbability
    }

    /// Neighbours of an utterance that weights of the graph compare.
    static let compared = 30
    /// Neighbours of an utterance that a judge may look at; in a walk over HNSW as cheap as 30.
    static let listed = 64

    /// Looks for the neighbours of each utterance, for seconds to minutes.
    ///
    /// - Parameters:
    ///   - threads: that work at once.
    ///   - checkpoint: gets the share done now and then; what it throws ends the work.
    package init(
        of material: Material,
        settings: DiscoverySettings,
        threads: Int,
        checkpoint: (Double) throws -> Void,
    ) rethrows {
        let linked = max(1, settings.neighbours)
        let compared = max(Self.compared, 2 * linked)
        let lists = try NeighbourLists(
            of: material.clusteringVectors,
            k: max(Self.listed, compared),
            threads: threads,
            seed: settings.seed
        ) { try checkpoint(0) }
        try checkpoint(0.8)
        self.init(
            material: material,
            lists: lists,
            graph: NeighbourGraph(jaccardOf: lists.first(compared), linked: linked),
            seed: settings.seed,
            samples: settings.samples,
            goodProbability: settings.goodProbability
        )
    }

    /// Random numbers for one cluster, the same whichever clusters are judged with it.
    func generator(for cluster: [Int], salt: UInt64) -> SeededGenerator {
        let first = UInt64(cluster.first ?? 0) &* 0x9E37_79B9_7F4A_7C15
        let size = UInt64(cluster.count) &* 0xC2B2_AE3D_27D4_EB4F
        return SeededGenerator(seed: seed ^ first ^ size ^ (salt << 32))
    }

    func judgement(logit: Double, halves: [Double]) -> ClusterJudgement {
        ClusterJudgement(logit: logit, halves: halves, goodProbability: goodProbability)
    }
}

extension ClusterJudgement {
    /// Of a cluster of which nothing can be said: no row, or one alone.
    static let ofNothing = ClusterJudgement(probability: 0, low: 0, high: 1, isGood: false)

    /// A half-sample's figure varies around the whole's as that of another sample of the whole's size would (delete-d
    /// jackknife with d = n / 2; Shao and Wu 1989). Their middle is moved onto the estimate, since some figures of halves
    /// lie lower than those of wholes for their size alone.
    ///
    /// - Parameters:
    ///   - logit: of P(good).
    ///   - halves: the same for random halves of what was looked at; few or none leave the interval wide open.
    init(logit: Double, halves: [Double], goodProbability: Double) {
        let probability = logistic(logit)
        let middle = halves.reduce(0, +) / Double(max(1, halves.count))
        let bounds = halves.count < 8 ? nil : Measure.percentiles([0.05, 0.95], of: halves.map { $0 - middle })
        self.init(
            probability: probability,
            low: bounds.map { min(probability, logistic(logit + $0[0])) } ?? 0,
            high: bounds.map { max(probability, logistic(logit + $0[1])) } ?? 1,
            isGood: probability >= goodProbability,
        )
    }
}
