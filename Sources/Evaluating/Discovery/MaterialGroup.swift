package import Clustering
package import Core
package import Discovering

/// The utterances of a vertical and a role: what is clustered together.
package struct MaterialGroup: Sendable {
    package var vertical: Vertical
    package var role: Role?
    /// Their places among all utterances, ascending.
    package var rows: [Int]
    package var material: Material

    /// All groups, in the order of their first utterances.
    ///
    /// - Parameters:
    ///   - vectors: of the serving encoder, a row an utterance.
    ///   - tuned: nil: not tuned.
    package static func all(
        of utterances: [DiscoveryUtterance],
        vectors: VectorTable,
        tuned: VectorTable?,
    ) -> [MaterialGroup] {
        var groups: [(vertical: Vertical, role: Role?, rows: [Int])] = []
        for (row, utterance) in utterances.enumerated() {
            let known = groups.firstIndex { $0.vertical == utterance.vertical && $0.role == utterance.role }
            if let known {
                groups[known].rows.append(row)
            } else {
                groups.append((utterance.vertical, utterance.role, [row]))
            }
        }
        return groups.map { group in
            MaterialGroup(
                vertical: group.vertical,
                role: group.role,
                rows: group.rows,
                material: Material(
                    utterances: group.rows.map { utterances[$0] },
                    vectors: vectors.table(of: group.rows),
                    tuned: tuned?.table(of: group.rows)
                )
            )
        }
    }

    /// A partition of it as a run would hand it back.
    ///
    /// - Parameter judgements: nil: nobody judged, so that every cluster passes.
    func partitioned(_ partition: Partition, _ judgements: [ClusterJudgement]? = nil) -> GroupPartition {
        let passed = ClusterJudgement(probability: 1, low: 1, high: 1, isGood: true)
        return GroupPartition(
            vertical: vertical,
            role: role,
            rows: rows,
            partition: partition,
            judgements: judgements ?? [ClusterJudgement](repeating: passed, count: partition.clusterCount),
            proposals: [Bits128?](repeating: nil, count: partition.clusterCount)
        )
    }

    /// Different labels in it.
    ///
    /// - Parameter labels: of all utterances.
    func goldCount(_ labels: [NamedIntent?]) -> Int { max(1, Set(rows.compactMap { labels[$0] }).count) }
}
