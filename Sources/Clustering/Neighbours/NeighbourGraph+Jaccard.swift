extension NeighbourGraph {
    /// What two rows that share no neighbour still weigh, so that no row falls out of the graph.
    private static let leastWeight: Float = 0.01

    /// Joins each row with the first `linked` of its list, in either direction; an edge weighs the Jaccard index of the
    /// two whole lists, |A and B| / |A or B|, plus .01 (as PhenoGraph does, Levine et al. 2015: what two utterances have in
    /// common are their neighbours, which says more than how near they are).
    ///
    /// - Parameters:
    ///   - lists: of 30 where there are so many rows.
    ///   - linked: 15 where there are so many.
    package init(jaccardOf lists: NeighbourLists, linked: Int) {
        let linked = min(linked, lists.k)
        var edges: [Edge] = []
        edges.reserveCapacity(lists.count * linked)
        // In which row's list a row was last seen.
        var seen = [Int32](repeating: -1, count: lists.count)
        for row in 0..<lists.count {
            for other in lists[row] { seen[Int(other)] = Int32(row) }
            for other in lists[row].prefix(linked).lazy.map({ Int($0) }) {
                // Where both name each other, the smaller row has the edge.
                if other < row, lists[other].prefix(linked).contains(Int32(row)) { continue }
                var shared = 0
                for third in lists[other] where seen[Int(third)] == Int32(row) { shared += 1 }
                let union = 2 * lists.k - shared
                edges.append(Edge(row, other, weight: Float(shared) / Float(union) + Self.leastWeight))
            }
        }
        self.init(count: lists.count, edges: edges)
    }
}
