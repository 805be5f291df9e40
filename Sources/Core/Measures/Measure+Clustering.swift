internal import Foundation

// What the discovery of intents is judged by, against labels that it did not see.
extension Measure {
    /// Normalised mutual information of clusters and gold labels, with the arithmetic mean of both entropies.
    ///
    /// NMI = 2 I(U; V) / (H(U) + H(V)) (Vinh, Epps and Bailey 2010, NMI-sum); 1 where both put everything in one group.
    ///
    /// - Returns: nil without utterances.
    package static func normalisedMutualInformation<Label: Hashable, Cluster: Hashable>(
        gold: [Label],
        clusters: [Cluster],
    ) -> Double? {
        let table = Contingency(gold: gold, clusters: clusters)
        guard table.count > 0 else { return nil }
        if table.labelSizes.count == 1, table.clusterSizes.count == 1 { return 1 }
        let total = Double(table.count)
        func entropy(_ sizes: [Int]) -> Double {
            sizes.reduce(0) { $0 - Double($1) / total * log(Double($1) / total) }
        }
        let information = table.orderedCells.reduce(0.0) { sum, entry in
            let together = Double(entry.count)
            let apart = Double(table.labelSizes[entry.cell.label]) * Double(table.clusterSizes[entry.cell.cluster])
            return sum + together / total * log(together * total / apart)
        }
        // Rounding may leave a little less than 0 or more than 1.
        return min(max(2 * information / (entropy(table.labelSizes) + entropy(table.clusterSizes)), 0), 1)
    }

    /// The adjusted Rand index: agreement on pairs of utterances, 0 for what chance would give, 1 for the same partition
    /// (Hubert and Arabie 1985, eq. 5).
    ///
    /// - Returns: nil without utterances.
    package static func adjustedRandIndex<Label: Hashable, Cluster: Hashable>(
        gold: [Label],
        clusters: [Cluster],
    ) -> Double? {
        let table = Contingency(gold: gold, clusters: clusters)
        guard table.count > 0 else { return nil }
        func pairs(_ size: Int) -> Double { Double(size) * Double(size - 1) / 2 }
        let together = table.cells.values.reduce(0) { $0 + pairs($1) }
        let inLabels = table.labelSizes.reduce(0) { $0 + pairs($1) }
        let inClusters = table.clusterSizes.reduce(0) { $0 + pairs($1) }
        let all = pairs(table.count)
        let expected = all > 0 ? inLabels * inClusters / all : 0
        let most = (inLabels + inClusters) / 2
        // Both partitions trivial in the same way: there is nothing to disagree about.
        guard most != expected else { return 1 }
        return (together - expected) / (most - expected)
    }

    /// The clustering accuracy: the share of utterances whose cluster is matched with their gold label, under the
    /// one-to-one matching that makes it greatest; a cluster or label without partner counts as wrong (Xu, Liu and Gong
    /// 2003, section 5.2; Yang et al. 2010).
    ///
    /// - Returns: nil without utterances.
    package static func clusteringAccuracy<Label: Hashable, Cluster: Hashable>(
        gold: [Label],
        clusters: [Cluster],
    ) -> Double? {
        let table = Contingency(gold: gold, clusters: clusters)
        guard table.count > 0 else { return nil }
        var weights = [[Int]](
            repeating: [Int](repeating: 0, count: table.clusterSizes.count),
            count: table.labelSizes.count
        )
        for (cell, count) in table.cells { weights[cell.label][cell.cluster] = count }
        let matching = Assignment(maximising: weights)
        return Double(matching.total) / Double(table.count)
    }
}
