internal import Clustering
internal import Core
internal import Discovering

/// Clusters and mixes of a pool of which the labels say whether they are good.
struct JudgeLessons: Sendable {
    /// One way to cut the pool.
    struct Cut: Sendable {
        let clusters: [[Int]]
        /// Of each: at least 80 % of it have one label.
        let isGood: [Bool]
    }

    let field: JudgedField
    let cuts: [Cut]
    /// Ten sentences each, ascending rows.
    let mixes: [[Int]]
    let isPure: [Bool]

    /// Clusters for each label: some too coarse, some too fine.
    static let fineness = [0.5, 0.75, 1.0, 1.5, 2.0]
    /// Of Leiden.
    static let resolutions = [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0]

    /// Computes for seconds to minutes.
    ///
    /// - Parameters:
    ///   - mixes: how many, half of them pure.
    ///   - linked: neighbours of an utterance in the graph.
    init(of pool: JudgePool, mixes: Int, threads: Int, settings: DiscoverySettings) {
        let vectors = pool.material.clusteringVectors
        let seed = settings.seed
        let field = JudgedField(of: pool.material, settings: settings, threads: threads) { _ in }
        self.field = field
        let gold = Set(pool.labels).count
        let counts = Self.fineness.map { min(max(2, Int(($0 * Double(gold)).rounded())), vectors.count) }
        let partitions =
            counts.map { BaseClustering.kMeans(vectors, clusters: $0, restarts: 1, seed: seed) }
            + Self.resolutions.map { field.graph.leiden(resolution: $0, iterations: 3, seed: seed) }
        cuts = partitions.map { partition in
            let clusters = partition.members()
            return Cut(clusters: clusters, isGood: clusters.map { Self.share($0, pool.labels) >= Majority.purity })
        }
        let drawn = DrawnMixes(
            from: Partition(labels: pool.labels).members(),
            in: vectors,
            count: mixes,
            // Others than those that the judge draws for its scale.
            seed: seed &+ 1
        )
        self.mixes = drawn.mixes
        isPure = drawn.isPure
    }

    /// Of the commonest label.
    private static func share(_ cluster: [Int], _ labels: [Int]) -> Double {
        var counts: [Int: Int] = [:]
        for row in cluster { counts[labels[row], default: 0] += 1 }
        return Double(counts.values.max() ?? 0) / Double(max(1, cluster.count))
    }
}
