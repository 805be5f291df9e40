internal import Clustering

/// The clusters of a field beside each other: where each row is, and which clusters are near which.
struct Surroundings {
    /// For each row its cluster; -1: in none.
    let assignment: [Int32]
    /// Unit vectors, one a cluster; those that are judged first.
    let means: VectorTable
    /// Of each cluster, by which equals are told apart whatever the clusters' order.
    let firstRows: [Int]
    /// Mean number of members.
    let meanSize: Double

    init(of clusters: [[Int]], in field: JudgedField) {
        let vectors = field.material.clusteringVectors
        let all = (clusters + field.beside).filter { !$0.isEmpty }
        var assignment = [Int32](repeating: -1, count: vectors.count)
        // An empty cluster is nobody's rival, with a mean of zeros; it keeps its number, so that the others keep theirs.
        var means = VectorTable(dimension: vectors.dimension)
        for (number, cluster) in (clusters + field.beside).enumerated() {
            for row in cluster { assignment[row] = Int32(number) }
            means.append(vectors.mean(of: cluster))
        }
        firstRows = (clusters + field.beside).map { $0.min() ?? -1 }
        self.assignment = assignment
        self.means = means
        meanSize = Double(all.reduce(0) { $0 + $1.count }) / Double(max(1, all.count))
    }

    /// The nearest other clusters, nearest first.
    func rivals(of cluster: Int, limit: Int) -> [Int] {
        let own = Array(means[cluster])
        let similarities = (0..<means.count).map { means.cosine($0, own) }
        let others = similarities.indices.filter { $0 != cluster && similarities[$0] != 0 }
        let order = others.sorted { left, right in
            similarities[left] == similarities[right]
                ? firstRows[left] < firstRows[right] : similarities[left] > similarities[right]
        }
        return Array(order.prefix(limit))
    }
}
