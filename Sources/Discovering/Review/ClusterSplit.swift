internal import Clustering

/// Parts that a cluster falls into: Leiden on the graph of neighbours among its own members, at the coarsest resolution
/// that finds more than one.
///
/// A value; deterministic. Computes for long on large clusters (its lists of neighbours are exact to 20,000 members).
struct ClusterSplit: Sendable {
    /// Fewer hold no two parts that anybody could tell apart.
    static let leastMembers = 4
    private static let mostNeighbours = 30
    private static let resolutions: [Double] = [0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 8]

    /// Places of the members of each part, ascending; nil: it does not fall apart.
    let parts: [[Int]]?

    /// - Parameter vectors: of the members.
    init(_ vectors: VectorTable, seed: UInt64) {
        guard vectors.count >= Self.leastMembers else {
            parts = nil
            return
        }
        // Of few members a list of many would hold all of them, and tell nothing apart.
        let neighbours = min(Self.mostNeighbours, max(2, vectors.count / 3))
        let lists = NeighbourLists(of: vectors, k: neighbours, threads: 1, seed: seed)
        let graph = NeighbourGraph(jaccardOf: lists, linked: max(1, lists.k / 2))
        for resolution in Self.resolutions {
            let partition = graph.leiden(resolution: resolution, iterations: 3, seed: seed)
            let members = partition.members()
            // One that splits off alone is no intent.
            let large = members.filter { $0.count > 1 }
            guard large.count > 1 else { continue }
            parts = Self.joined(members, vectors)
            return
        }
        parts = nil
    }

    /// Those that are alone go to the part whose mean is nearest.
    private static func joined(_ members: [[Int]], _ vectors: VectorTable) -> [[Int]] {
        var parts = members.filter { $0.count > 1 }
        let means = parts.map { vectors.mean(of: $0) }
        for row in members.filter({ $0.count == 1 }).map({ $0[0] }) {
            var best = (part: 0, similarity: -Float.infinity)
            for (part, mean) in means.enumerated() {
                let similarity = zip(vectors[row], mean).reduce(Float(0)) { $0 + $1.0 * $1.1 }
                if similarity > best.similarity { best = (part, similarity) }
            }
            parts[best.part].append(row)
        }
        return parts.map { $0.sorted() }
    }
}
