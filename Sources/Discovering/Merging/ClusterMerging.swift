package import Clustering
internal import Foundation

/// Which clusters of a vertical are the same intent under two names.
///
/// Two clusters may be one where the angle between their labels' embeddings and the co-membership of their utterances
/// both allow it (context-aware merging of Dial-In LLM, with a posterior in place of densities). Pairs are taken from
/// the smallest angle on, and groups become one only where every pair across them is allowed (complete linkage), so
/// that no chain of neighbours ends in one large cluster: a group's diameter is at most `MergeSettings.angle`, and its
/// share of the utterances is bounded.
package struct ClusterMerging: Sendable, Hashable {
    /// Clusters that become one, each ascending, in the order of their first; those that stay alone too.
    package let groups: [[Int]]
    /// Of the largest cluster that was made of several, among all utterances; 0: none was.
    package let largestShare: Double

    /// - Parameters:
    ///   - labels: the embedding of each cluster's label.
    ///   - clusters: the rows of each, none empty.
    ///   - mergeable: whether a cluster may become one with another: those judged unclear would draw everything
    ///     together.
    ///   - vectors: of the serving encoder.
    ///   - utterances: among which shares are counted; at least those of the clusters.
    package init(
        labels: VectorTable,
        clusters: [[Int]],
        mergeable: [Bool],
        vectors: VectorTable,
        utterances: Int,
        settings: MergeSettings = MergeSettings(),
    ) {
        let pairs = Self.pairs(labels: labels, mergeable: mergeable, within: settings.angle)
        let membership =
            pairs.isEmpty ? nil : CoMembership(of: vectors, clusters: clusters, scale: settings.concentrationScale)
        self.init(
            pairs: pairs,
            membership: membership,
            sizes: clusters.map(\.count),
            utterances: utterances,
            settings: settings
        )
    }

    /// - Parameter membership: nil only where there are no pairs.
    init(pairs: [Pair], membership: CoMembership?, sizes: [Int], utterances: Int, settings: MergeSettings) {
        let allowed = pairs.filter { pair in
            membership.map { $0.between(pair.first, pair.second) >= settings.coMembership } ?? false
        }
        let links = Set(allowed.map { [$0.first, $0.second] })
        let most = settings.share(among: sizes.count) * Double(utterances)
        // Of each group its clusters; a group is named by its first one.
        var members = sizes.indices.map { [$0] }
        var groupOf = Array(sizes.indices)
        for pair in allowed {
            let (left, right) = (groupOf[pair.first], groupOf[pair.second])
            guard left != right else { continue }
            let (into, from) = (min(left, right), max(left, right))
            let together = members[into] + members[from]
            guard Double(together.reduce(0) { $0 + sizes[$1] }) <= most,
                members[into].allSatisfy({ one in
                    members[from].allSatisfy { other in links.contains([min(one, other), max(one, other)]) }
                })
            else { continue }
            members[into] = together.sorted()
            for cluster in members[from] { groupOf[cluster] = into }
            members[from] = []
        }
        groups = members.filter { !$0.isEmpty }
        let merged = groups.filter { $0.count > 1 }.map { group in group.reduce(0) { $0 + sizes[$1] } }.max() ?? 0
        largestShare = utterances > 0 ? Double(merged) / Double(utterances) : 0
    }

    /// Two clusters whose labels are close.
    struct Pair: Sendable, Hashable {
        /// The lower number.
        var first: Int
        var second: Int
        /// In radians.
        var angle: Double
    }

    /// Those within an angle, the closest first, equally close ones in the order of their numbers.
    static func pairs(labels: VectorTable, mergeable: [Bool], within angle: Double) -> [Pair] {
        let rows = (0..<labels.count).map { Array(labels[$0]) }
        var pairs: [Pair] = []
        for first in rows.indices where mergeable[first] {
            for second in (first + 1)..<max(rows.count, first + 1) where mergeable[second] {
                // Rounding may leave a cosine a little above 1.
                let cosine = min(max(Double(Direction.dot(rows[first], rows[second])), -1), 1)
                let apart = acos(cosine)
                if apart <= angle { pairs.append(Pair(first: first, second: second, angle: apart)) }
            }
        }
        return pairs.sorted { ($0.angle, $0.first, $0.second) < ($1.angle, $1.first, $1.second) }
    }
}
