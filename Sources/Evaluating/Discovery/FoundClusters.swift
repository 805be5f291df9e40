package import Clustering
package import Core
package import Discovering

/// Which cluster each utterance of a set ended in, and which clusters were judged good.
package struct FoundClusters: Sendable {
    /// Of each utterance, counted over all verticals and roles.
    package private(set) var clusters: [Int]
    /// Of each cluster.
    package private(set) var isGood: [Bool]
    /// Of each cluster the proposal it became.
    package private(set) var proposals: [Bits128?]

    package var count: Int { isGood.count }

    /// - Parameters:
    ///   - clusters: numbered from 0.
    ///   - isGood: of each cluster; all of them where there was no judge.
    package init(clusters: [Int], isGood: [Bool], proposals: [Bits128?]? = nil) {
        precondition(clusters.allSatisfy { isGood.indices.contains($0) }, "every utterance is in a cluster")
        self.clusters = clusters
        self.isGood = isGood
        self.proposals = proposals ?? [Bits128?](repeating: nil, count: isGood.count)
    }

    /// A partition of all utterances that nobody judged.
    package init(_ partition: Partition) {
        self.init(
            clusters: partition.clusters,
            isGood: [Bool](repeating: true, count: partition.clusterCount)
        )
    }

    /// What a run made of its utterances; one that is in no cluster goes to the cluster of the utterance of its vertical
    /// and role that it is most like, and without such a one is alone.
    ///
    /// - Parameter vectors: of the utterances.
    package init(_ groups: [GroupPartition], of utterances: [DiscoveryUtterance], vectors: VectorTable) {
        var placed = [Int?](repeating: nil, count: utterances.count)
        var isGood: [Bool] = []
        var proposals: [Bits128?] = []
        for group in groups {
            let first = isGood.count
            for (row, cluster) in zip(group.rows, group.partition.clusters) { placed[row] = first + cluster }
            isGood += group.judgements.map(\.isGood)
            proposals += group.proposals
        }
        let known = utterances.indices.filter { placed[$0] != nil }
        clusters = utterances.indices.map { row in
            if let cluster = placed[row] { return cluster }
            let neighbours = known.filter {
                utterances[$0].vertical == utterances[row].vertical && utterances[$0].role == utterances[row].role
            }
            var nearest: (cluster: Int, similarity: Float)?
            for neighbour in neighbours {
                let similarity = zip(vectors[row], vectors[neighbour]).reduce(Float(0)) { $0 + $1.0 * $1.1 }
                if let cluster = placed[neighbour], similarity > nearest?.similarity ?? -.infinity {
                    nearest = (cluster, similarity)
                }
            }
            if let nearest { return nearest.cluster }
            isGood.append(false)
            proposals.append(nil)
            return isGood.count - 1
        }
        self.isGood = isGood
        self.proposals = proposals
    }

    /// The utterances of each cluster, ascending.
    package func members() -> [[Int]] {
        var members = [[Int]](repeating: [], count: count)
        for (utterance, cluster) in clusters.enumerated() { members[cluster].append(utterance) }
        return members
    }
}
