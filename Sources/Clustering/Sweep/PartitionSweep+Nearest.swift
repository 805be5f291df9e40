extension PartitionSweep {
    private static let coarsest = 1e-3
    private static let finest = 1e6
    private static let mostHalvings = 14

    /// The cut whose number of clusters is nearest to the one wanted, by searching the resolution; exactly that many where
    /// the search meets them. There are never fewer than the graph has parts that hang together, nor more than rows.
    ///
    /// - Parameters:
    ///   - clusters: at least 1.
    ///   - progress: called with the share that is done at most; what it throws ends the search.
    package static func nearest(
        to clusters: Int,
        graph: NeighbourGraph,
        vectors: VectorTable,
        lists: NeighbourLists,
        seed: UInt64,
        progress: (Double) throws -> Void,
    ) rethrows -> SweepCut {
        precondition(clusters > 0, "at least one cluster is wanted")
        let sweeper = Sweeper(graph: graph, vectors: vectors, lists: lists, seed: seed)
        var done = 0.0
        var best: (resolution: Double, partition: Partition)?
        func count(at resolution: Double) throws -> Int {
            try progress(done / Double(mostHalvings + 20))
            done += 1
            let partition = sweeper.partition(at: resolution)
            let isBetter =
                best.map { distance(partition, Double(clusters)) < distance($0.partition, Double(clusters)) } ?? true
            if isBetter { best = (resolution, partition) }
            return partition.clusterCount
        }
        var low = 0.5
        var fewest = try count(at: low)
        while fewest > clusters, low > coarsest {
            low /= 4
            fewest = try count(at: low)
        }
        var high = 32.0
        var most = fewest
        while most < clusters, high < finest {
            most = try count(at: high)
            if most < clusters { high *= 4 }
        }
        if fewest < clusters, most > clusters {
            for _ in 0..<mostHalvings {
                // Clusters grow with the resolution by proportion.
                let middle = (low * high).squareRoot()
                let found = try count(at: middle)
                if found == clusters { break }
                if found < clusters { low = middle } else { high = middle }
            }
        }
        // The first count has set it.
        let found = best!
        try progress(1)
        return sweeper.cut(found.partition, found.resolution)
    }

    /// The same, telling nobody how far it is.
    package static func nearest(
        to clusters: Int,
        graph: NeighbourGraph,
        vectors: VectorTable,
        lists: NeighbourLists,
        seed: UInt64,
    ) -> SweepCut {
        nearest(to: clusters, graph: graph, vectors: vectors, lists: lists, seed: seed) { _ in }
    }
}
