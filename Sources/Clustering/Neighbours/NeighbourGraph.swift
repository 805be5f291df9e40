/// An undirected graph with positive weights, as compressed rows: who is next to whom. No row is next to itself.
package struct NeighbourGraph: Sendable {
    /// Of row r: `offsets[r]..<offsets[r + 1]`, places in `targets` and `weights`. One longer than there are rows.
    package let offsets: [Int]
    /// Ascending for each row. An edge is there twice, once a direction.
    package let targets: [Int32]
    package let weights: [Float]

    /// Rows.
    package var count: Int { offsets.count - 1 }

    package struct Edge: Sendable {
        package var first: Int
        package var second: Int
        package var weight: Float

        package init(_ first: Int, _ second: Int, weight: Float) {
            self.first = first
            self.second = second
            self.weight = weight
        }
    }

    /// - Parameter edges: between different rows, each pair at most once, weights above zero.
    package init(count: Int, edges: [Edge]) {
        // Grouped by one end, then those groups by the other: the second time rows come ascending into each group.
        let grouped = HalfEdges(count: count, edges: edges)
        let sorted = grouped.transposed()
        offsets = sorted.offsets
        targets = sorted.targets
        weights = sorted.weights
    }

    private init(_ edges: HalfEdges) {
        offsets = edges.offsets
        targets = edges.targets
        weights = edges.weights
    }

    /// The places of a row's neighbours in `targets` and `weights`.
    package func places(of row: Int) -> Range<Int> { offsets[row]..<offsets[row + 1] }

    /// Some rows with the edges among them, numbered in the order of `rows`, in which none is twice.
    package func subgraph(_ rows: [Int]) -> NeighbourGraph {
        var numbers = [Int32](repeating: -1, count: count)
        for (number, row) in rows.enumerated() {
            precondition(numbers[row] < 0, "a row is named once")
            numbers[row] = Int32(number)
        }
        var part = HalfEdges()
        for row in rows {
            for place in places(of: row) where numbers[Int(targets[place])] >= 0 {
                part.targets.append(numbers[Int(targets[place])])
                part.weights.append(weights[place])
            }
            part.offsets.append(part.targets.count)
        }
        return NeighbourGraph(part.transposed())
    }

    /// The sum of the weights of each row's edges.
    var strengths: [Double] {
        (0..<count).map { row in weights[places(of: row)].reduce(0.0) { $0 + Double($1) } }
    }

    /// For each row the smallest row of its cluster that it is joined with, directly or by others of the cluster: equal
    /// numbers for what hangs together.
    ///
    /// - Parameter clusters: a number for each row.
    func connectedParts(inside clusters: [Int32]) -> [Int] {
        var parts = [Int](repeating: -1, count: count)
        var open: [Int] = []
        for start in 0..<count where parts[start] < 0 {
            parts[start] = start
            open.append(start)
            while let row = open.popLast() {
                for place in places(of: row) {
                    let other = Int(targets[place])
                    guard parts[other] < 0, clusters[other] == clusters[start] else { continue }
                    parts[other] = start
                    open.append(other)
                }
            }
        }
        return parts
    }
}

/// Edges by the row at one of their ends, in any order within a row.
private struct HalfEdges {
    var offsets: [Int] = [0]
    var targets: [Int32] = []
    var weights: [Float] = []

    init() {}

    init(count: Int, edges: [NeighbourGraph.Edge]) {
        var next = [Int](repeating: 0, count: count + 1)
        for edge in edges {
            precondition(
                edge.first != edge.second && edge.weight > 0,
                "an edge joins two rows with a weight above zero"
            )
            next[edge.first + 1] += 1
            next[edge.second + 1] += 1
        }
        for row in 0..<count { next[row + 1] += next[row] }
        offsets = next
        targets = [Int32](repeating: 0, count: 2 * edges.count)
        weights = [Float](repeating: 0, count: 2 * edges.count)
        for edge in edges {
            place(edge.second, edge.weight, at: next[edge.first])
            next[edge.first] += 1
            place(edge.first, edge.weight, at: next[edge.second])
            next[edge.second] += 1
        }
    }

    private mutating func place(_ target: Int, _ weight: Float, at place: Int) {
        targets[place] = Int32(target)
        weights[place] = weight
    }

    /// The same edges, each row's in the order of the rows at the other ends: for an undirected graph, the same graph.
    func transposed() -> HalfEdges {
        var next = offsets
        var sorted = self
        for row in 0..<offsets.count - 1 {
            for place in offsets[row]..<offsets[row + 1] {
                let other = Int(targets[place])
                sorted.targets[next[other]] = Int32(row)
                sorted.weights[next[other]] = weights[place]
                next[other] += 1
            }
        }
        return sorted
    }
}
