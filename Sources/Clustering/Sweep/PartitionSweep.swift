internal import Foundation

/// Communities at one resolution.
package struct SweepCut: Sendable {
    package let resolution: Double
    package let partition: Partition
    /// Mean silhouette of the smoothed vectors, by cosine distance.
    package let silhouette: Double

    package init(resolution: Double, partition: Partition, silhouette: Double) {
        self.resolution = resolution
        self.partition = partition
        self.silhouette = silhouette
    }
}

/// A graph cut into communities at several resolutions, and which of the cuts to take.
///
/// The choice: the smallest resolution whose silhouette is within 3 % of the best one. No rule for the number of clusters
/// is within a fifth everywhere, so a coarser and a finer cut are offered with it.
package struct PartitionSweep: Sendable {
    /// .5 to 32, each 1.41 times the one before.
    package static let resolutions: [Double] = (0..<13).map { (step: Int) -> Double in 0.5 * pow(2, Double(step) / 2) }
    /// Runs of Leiden at each resolution.
    private static let runs = 3
    private static let tolerance = 0.03
    /// How many times fewer or more clusters the coarser and the finer cut have, or as near to that as there is one.
    private static let step = 1.5

    /// One a resolution, resolutions ascending.
    package let cuts: [SweepCut]
    package let chosen: SweepCut
    /// Fewer clusters than the chosen one; the chosen one itself where none has fewer.
    package let coarser: SweepCut
    /// More clusters than the chosen one; the chosen one itself where none has more.
    package let finer: SweepCut

    /// Runs Leiden three times at each resolution: the cut is the run of greatest modularity, its silhouette the mean of
    /// the three, which is steadier to choose by.
    ///
    /// Deterministic under the seed.
    ///
    /// - Parameters:
    ///   - graph: of the rows of `vectors`.
    ///   - vectors: smoothed here, by `lists`.
    ///   - resolutions: at least one, all above 0.
    ///   - progress: called with the share that is done; what it throws ends the sweep.
    package init(
        graph: NeighbourGraph,
        vectors: VectorTable,
        lists: NeighbourLists,
        seed: UInt64,
        resolutions: [Double] = PartitionSweep.resolutions,
        progress: (Double) throws -> Void,
    ) rethrows {
        precondition(!resolutions.isEmpty, "a sweep has a resolution")
        let sweeper = Sweeper(graph: graph, vectors: vectors, lists: lists, seed: seed)
        var cuts: [SweepCut] = []
        for (number, resolution) in resolutions.sorted().enumerated() {
            let cut = try sweeper.cut(at: resolution, runs: Self.runs) { share in
                try progress((Double(number) + share) / Double(resolutions.count))
            }
            cuts.append(cut)
        }
        self.init(cuts: cuts)
    }

    /// The same, telling nobody how far it is.
    package init(
        graph: NeighbourGraph,
        vectors: VectorTable,
        lists: NeighbourLists,
        seed: UInt64,
        resolutions: [Double] = PartitionSweep.resolutions,
    ) {
        self.init(graph: graph, vectors: vectors, lists: lists, seed: seed, resolutions: resolutions) { _ in }
    }

    /// - Parameter cuts: at least one, resolutions ascending.
    init(cuts: [SweepCut]) {
        self.cuts = cuts
        let best = cuts.map(\.silhouette).max() ?? 0
        let least = best - Self.tolerance * abs(best)
        // The best one itself is there.
        let chosen = cuts.first { $0.silhouette >= least } ?? cuts[0]
        self.chosen = chosen
        let clusters = chosen.partition.clusterCount
        coarser =
            Self.nearest(to: Double(clusters) / Self.step, cuts.filter { $0.partition.clusterCount < clusters })
            ?? chosen
        finer =
            Self.nearest(to: Double(clusters) * Self.step, cuts.filter { $0.partition.clusterCount > clusters })
            ?? chosen
    }

    /// The cut with the number of clusters nearest in proportion, the coarser of two that are equally near.
    private static func nearest(to clusters: Double, _ cuts: [SweepCut]) -> SweepCut? {
        cuts.min { distance($0.partition, clusters) < distance($1.partition, clusters) }
    }

    /// How many times too many or too few clusters there are, at least 1. No clusters count as one.
    static func distance(_ partition: Partition, _ clusters: Double) -> Double {
        let (found, wanted) = (Double(max(partition.clusterCount, 1)), max(clusters, 1))
        return max(found / wanted, wanted / found)
    }
}
