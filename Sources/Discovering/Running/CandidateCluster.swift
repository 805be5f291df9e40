internal import Clustering
internal import Core

/// A cluster that is large enough to become a proposal.
struct CandidateCluster: Sendable {
    /// Place of its group among those of the run.
    let group: Int
    /// Clusters of the group's partition that it is made of, ascending.
    let parts: [Int]
    /// Rows of the group, the nearest to the middle first; of equally near ones the first row.
    let rows: [Int]
    /// Cosine of each to the mean of all, in the order of `rows`.
    let centralities: [Double]
    let judgement: ClusterJudgement

    init(group: Int, parts: [Int], rows: [Int], vectors: VectorTable, judgement: ClusterJudgement) {
        self.group = group
        self.parts = parts
        self.judgement = judgement
        let own = rows.map { Array(vectors[$0]) }
        let middle = Direction.mean(own)
        let cosines = own.map { vector in middle.map { Double(Direction.dot(vector, $0)) } ?? 0 }
        let order = rows.indices.sorted { left, right in
            cosines[left] != cosines[right] ? cosines[left] > cosines[right] : rows[left] < rows[right]
        }
        self.rows = order.map { rows[$0] }
        centralities = order.map { min(max(cosines[$0], -1), 1) }
    }

    /// Those of a judged partition with at least so many utterances, in the order of their clusters.
    static func candidates(
        in partition: Partition,
        judgements: [ClusterJudgement],
        group: Int,
        vectors: VectorTable,
        minimumSize: Int,
    ) -> [CandidateCluster] {
        partition.members().enumerated().compactMap { cluster, rows in
            guard rows.count >= max(minimumSize, 1) else { return nil }
            return CandidateCluster(
                group: group,
                parts: [cluster],
                rows: rows,
                vectors: vectors,
                judgement: judgements[cluster]
            )
        }
    }

    /// Several that are one intent: as sure as they are on average, by their sizes, and no surer at either end.
    init(merging clusters: [CandidateCluster], vectors: VectorTable) {
        precondition(!clusters.isEmpty, "a cluster is made of some")
        let total = Double(clusters.reduce(0) { $0 + $1.rows.count })
        let probability = clusters.reduce(0) { $0 + $1.judgement.probability * Double($1.rows.count) / total }
        self.init(
            group: clusters[0].group,
            parts: clusters.flatMap(\.parts).sorted(),
            rows: clusters.flatMap(\.rows).sorted(),
            vectors: vectors,
            judgement: ClusterJudgement(
                probability: probability,
                low: clusters.map(\.judgement.low).min() ?? 0,
                high: clusters.map(\.judgement.high).max() ?? 1,
                isGood: clusters.allSatisfy(\.judgement.isGood)
            )
        )
    }
}
