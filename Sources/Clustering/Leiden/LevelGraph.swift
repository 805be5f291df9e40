/// The graph at one level of a run of Leiden: its nodes are rows, or communities of the level below.
///
/// Edges inside a node are left out; they count in its strength alone, since moving the node takes them along.
struct LevelGraph: ~Copyable {
    let count: Int
    /// One longer than there are nodes.
    let offsets: Numbers<Int>
    let targets: Numbers<Int32>
    let weights: Numbers<Double>
    /// Of a node: the weights of the edges of all its rows, those inside it twice.
    let strengths: Numbers<Double>
    /// Twice the weight of all edges of the rows: 2m.
    let total: Double

    init(_ graph: NeighbourGraph) {
        let strengths = graph.strengths
        count = graph.count
        offsets = Numbers(graph.offsets)
        targets = Numbers(graph.targets)
        weights = Numbers(graph.weights.map { Double($0) })
        total = strengths.reduce(0, +)
        self.strengths = Numbers(strengths)
    }

    /// The communities of a graph as nodes.
    init(aggregating graph: borrowing LevelGraph, _ communities: Communities) {
        let nodes = communities.members()
        let strengths = Numbers<Double>(repeating: 0, count: communities.count)
        // Weight of the node at hand to each other one, and those that have any.
        let weightTo = Numbers<Double>(repeating: 0, count: communities.count)
        let touched = Numbers<Int32>(repeating: 0, count: communities.count)
        var offsets = [0]
        var targets: [Int32] = []
        var weights: [Double] = []
        for community in 0..<communities.count {
            var touchedCount = 0
            for place in nodes.places(of: community) {
                let node = nodes.nodes[place]
                strengths[community] += graph.strengths[node]
                for edge in graph.offsets[node]..<graph.offsets[node + 1] {
                    let other = Int(communities.of[Int(graph.targets[edge])])
                    if other == community { continue }
                    if weightTo[other] == 0 {
                        touched[touchedCount] = Int32(other)
                        touchedCount += 1
                    }
                    weightTo[other] += graph.weights[edge]
                }
            }
            for place in 0..<touchedCount {
                let other = touched[place]
                targets.append(other)
                weights.append(weightTo[Int(other)])
                weightTo[Int(other)] = 0
            }
            offsets.append(targets.count)
        }
        count = communities.count
        total = graph.total
        self.offsets = Numbers(offsets)
        self.targets = Numbers(targets)
        self.weights = Numbers(weights)
        self.strengths = strengths
    }
}

/// Which community each node of a level is in.
struct Communities {
    /// Numbers from 0 to `count` - 1, each used.
    var of: [Int32]
    var count: Int

    /// Each node by itself.
    init(singletons count: Int) {
        of = (0..<count).map { Int32($0) }
        self.count = count
    }

    /// - Parameter labels: numbers from 0 to less than there are nodes, with gaps.
    init(closingGapsOf labels: borrowing Numbers<Int32>) {
        var numbers = [Int32](repeating: -1, count: labels.count)
        var of = [Int32](repeating: 0, count: labels.count)
        var count = 0
        for node in 0..<labels.count {
            let label = Int(labels[node])
            if numbers[label] < 0 {
                numbers[label] = Int32(count)
                count += 1
            }
            of[node] = numbers[label]
        }
        self.of = of
        self.count = count
    }

    /// Nodes by community, ascending in each.
    struct Members {
        let offsets: [Int]
        let nodes: [Int]

        func places(of community: Int) -> Range<Int> { offsets[community]..<offsets[community + 1] }
    }

    func members() -> Members {
        var next = [Int](repeating: 0, count: count + 1)
        for community in of { next[Int(community) + 1] += 1 }
        for community in 0..<count { next[community + 1] += next[community] }
        let offsets = next
        var nodes = [Int](repeating: 0, count: of.count)
        for (node, community) in of.enumerated() {
            nodes[next[Int(community)]] = node
            next[Int(community)] += 1
        }
        return Members(offsets: offsets, nodes: nodes)
    }
}
