/// Clusterings for a number of clusters that is told: what the graph's communities are compared with, and what the paper's
/// loop can be based on.
package enum BaseClustering {
    /// k-means with greedy k-means++ starts, the best of several.
    ///
    /// - Parameters:
    ///   - clusters: at least 1. There are fewer where there are not so many different rows.
    ///   - restarts: at least 1.
    /// - Returns: the partition of least summed squared distance to the clusters' means. Deterministic under the seed.
    package static func kMeans(_ table: VectorTable, clusters: Int, restarts: Int, seed: UInt64) -> Partition {
        precondition(clusters > 0 && restarts > 0, "k-means has at least one cluster and one start")
        guard table.count > 0 else { return Partition(labels: []) }
        var run = KMeansRun(table, clusters: min(clusters, table.count), seed: seed)
        var best = run.start()
        for _ in 1..<restarts {
            let next = run.start()
            if next.inertia < best.inertia { best = next }
        }
        return Partition(labels: best.labels.lazy.map { Int($0) })
    }

    /// Ward's linkage, cut at a number of clusters.
    ///
    /// It holds the rows twice and no distances between them, so memory is no bound; the time is, at rows * rows *
    /// dimension with every row read anew for each merge: for up to about 20,000 rows.
    ///
    /// - Parameter clusters: at least 1; where there are fewer rows, each is a cluster.
    package static func wardLinkage(_ table: VectorTable, clusters: Int) -> Partition {
        precondition(clusters > 0, "at least one cluster is wanted")
        return WardTree(table).cut(clusters: clusters)
    }
}
