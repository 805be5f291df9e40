package import Clustering
package import Core

/// The clusters of a vertical's utterances of one role, after judging, splitting and merging.
package struct GroupPartition: Sendable, Hashable {
    package var vertical: Vertical
    package var role: Role?
    /// Which of the run's utterances they are, by their places in what the run was given, ascending.
    package var rows: [Int]
    /// Over `rows`. Of a group that is too small to be clustered each different utterance is a cluster.
    package var partition: Partition
    /// Of each cluster.
    package var judgements: [ClusterJudgement]
    /// Of each cluster the proposal it became; nil: it is too small for one.
    package var proposals: [Bits128?]

    package init(
        vertical: Vertical,
        role: Role?,
        rows: [Int],
        partition: Partition,
        judgements: [ClusterJudgement],
        proposals: [Bits128?],
    ) {
        self.vertical = vertical
        self.role = role
        self.rows = rows
        self.partition = partition
        self.judgements = judgements
        self.proposals = proposals
    }

    /// - Parameters:
    ///   - judged: nil of a group that is too small.
    ///   - clusters: the group's, those that became proposals, after merging.
    ///   - proposals: the id of each of these.
    init(group: UtteranceGroup, judged: JudgedGroup?, clusters: [CandidateCluster], proposals: [Bits128]) {
        let nothing = ClusterJudgement(probability: 0, low: 0, high: 1, isGood: false)
        // Merged clusters have the number of their first part.
        var labels = judged?.partition.clusters ?? Array(group.utterances.indices)
        var judgementOf = judged?.judgements ?? labels.map { _ in nothing }
        var proposalOf = [Bits128?](repeating: nil, count: judgementOf.count)
        for (cluster, id) in zip(clusters, proposals) {
            let label = cluster.parts[0]
            for row in cluster.rows { labels[row] = label }
            judgementOf[label] = cluster.judgement
            proposalOf[label] = id
        }
        var labelled: [(row: Int, label: Int)] = []
        for (place, rows) in group.rows.enumerated() {
            for row in rows { labelled.append((row, labels[place])) }
        }
        labelled.sort { $0.row < $1.row }
        let partition = Partition(labels: labelled.map(\.label))
        // A partition numbers clusters by their first rows.
        let order = labelled.map(\.label).uniqued()
        self.init(
            vertical: group.vertical,
            role: group.role,
            rows: labelled.map(\.row),
            partition: partition,
            judgements: order.map { judgementOf[$0] },
            proposals: order.map { proposalOf[$0] }
        )
    }
}
