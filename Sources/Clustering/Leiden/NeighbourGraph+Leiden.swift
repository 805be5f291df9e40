internal import Core

extension NeighbourGraph {
    /// Communities by the Leiden algorithm, for modularity with a resolution: the higher, the more and the smaller.
    ///
    /// Every community hangs together, and the partition's modularity is at least that of single rows. A row without
    /// neighbours is a community. Deterministic under the seed.
    ///
    /// - Parameters:
    ///   - resolution: above 0; 1 is plain modularity.
    ///   - iterations: at least 1; each begins with the communities of the one before. It ends early where one changes
    ///     nothing.
    package func leiden(resolution: Double, iterations: Int = 3, seed: UInt64) -> Partition {
        leiden(LevelGraph(self), resolution: resolution, iterations: iterations, seed: seed)
    }

    /// - Parameter level: made of this graph; several runs can share it.
    func leiden(
        _ level: borrowing LevelGraph,
        resolution: Double,
        iterations: Int = 3,
        seed: UInt64,
    ) -> Partition {
        precondition(resolution > 0 && iterations > 0, "a run has a resolution above 0 and at least one iteration")
        var run = LeidenRun(resolution: resolution, random: SeededGenerator(seed: seed))
        var communities = Communities(singletons: count)
        for _ in 0..<iterations {
            let before = communities.of
            run.iterate(level, &communities)
            // An iteration may end with a community in pieces, where nothing was left to refine. Apart they are better.
            let parts = connectedParts(inside: communities.of)
            communities = Communities(closingGapsOf: Numbers(parts.map { Int32($0) }))
            if communities.of == before { break }
        }
        return Partition(labels: communities.of.lazy.map { Int($0) })
    }

    /// Modularity with a resolution, (1 / 2m) sum over pairs in one cluster of A - resolution * k k' / 2m: at most 1, and
    /// 0 where there is no edge.
    package func modularity(of partition: Partition, resolution: Double) -> Double {
        precondition(partition.clusters.count == count, "a cluster for each row")
        let strengths = strengths
        let total = strengths.reduce(0, +)
        guard total > 0 else { return 0 }
        var sums = [Double](repeating: 0, count: partition.clusterCount)
        var inside = 0.0
        for row in 0..<count {
            let cluster = partition.clusters[row]
            sums[cluster] += strengths[row]
            for place in places(of: row) where partition.clusters[Int(targets[place])] == cluster {
                inside += Double(weights[place])
            }
        }
        return inside / total - resolution * sums.reduce(0) { $0 + ($1 / total) * ($1 / total) }
    }
}
