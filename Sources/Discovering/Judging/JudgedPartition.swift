package import Clustering
package import Core

/// A partition with what a judge says of each of its clusters.
package struct JudgedPartition: Sendable {
    package var partition: Partition
    /// One a cluster, by the partition's numbers.
    package var judgements: [ClusterJudgement]

    package init(partition: Partition, judgements: [ClusterJudgement]) {
        precondition(judgements.count == partition.clusterCount, "a judgement a cluster")
        self.partition = partition
        self.judgements = judgements
    }

    /// - Parameter clusters: every row of 0..<count in one of them.
    init(_ clusters: [(rows: [Int], judgement: ClusterJudgement)], count: Int) {
        var labels = [Int](repeating: -1, count: count)
        for (number, cluster) in clusters.enumerated() {
            for row in cluster.rows { labels[row] = number }
        }
        precondition(!labels.contains(-1), "every row is in a cluster")
        // A partition numbers clusters by their first rows.
        var judgements: [ClusterJudgement] = []
        var isSeen = [Bool](repeating: false, count: clusters.count)
        for label in labels where !isSeen[label] {
            isSeen[label] = true
            judgements.append(clusters[label].judgement)
        }
        self.init(partition: Partition(labels: labels), judgements: judgements)
    }

    /// The partition with a judgement of each cluster; it stays as it is.
    ///
    /// - Throws: as `ClusterJudge.judge`.
    package static func judging(
        _ partition: Partition,
        of field: JudgedField,
        by judge: any ClusterJudge,
        progress: @Sendable (Double) async throws -> Void = { _ in },
    ) async throws -> JudgedPartition {
        JudgedPartition(
            partition: partition,
            judgements: try await judge.judge(partition.members(), of: field, progress: progress)
        )
    }

    /// The share of all rows that can be expected in good clusters: of those judged good, each row with its cluster's
    /// probability.
    package var expectedGoodShare: Double {
        let members = partition.members()
        var sum = 0.0
        for (cluster, judgement) in zip(members, judgements) where judgement.isGood {
            sum += judgement.probability * Double(cluster.count)
        }
        return sum / Double(max(1, partition.clusters.count))
    }
}
