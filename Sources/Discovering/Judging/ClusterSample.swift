internal import Clustering
internal import Core

/// Which sentences of a cluster a language model is shown.
struct ClusterSample {
    /// Rows of the cluster, the nearest to its mean first; equal ones by row.
    let order: [Int]

    init(_ cluster: [Int], in vectors: VectorTable) {
        guard !cluster.isEmpty else {
            order = []
            return
        }
        let mean = vectors.mean(of: cluster)
        let centralities = cluster.map { vectors.cosine($0, mean) }
        order = cluster.indices.sorted { left, right in
            centralities[left] == centralities[right]
                ? cluster[left] < cluster[right] : centralities[left] > centralities[right]
        }.map { cluster[$0] }
    }

    /// The medoid and the members around it.
    func nearest(_ count: Int) -> [Int] { Array(order.prefix(count)) }

    /// So many members in the way of sampling; all where there are fewer.
    func drawn(
        _ count: Int,
        by sampling: DiscoverySettings.Sampling,
        using random: inout SeededGenerator,
    ) -> [Int] {
        switch sampling {
        case .random: return Array(order.shuffled(using: &random).prefix(count))
        case .medoid: return nearest(count)
        case .extreme: return Array(order.suffix(count).reversed())
        case .mixed:
            let third = count / 3
            let near = nearest(min(third, order.count))
            let far = Array(order.dropFirst(near.count).suffix(third))
            let rest = order.dropFirst(near.count).dropLast(far.count).shuffled(using: &random)
            return near + far + rest.prefix(count - near.count - far.count)
        }
    }
}
