internal import Core

/// The Leiden algorithm (Traag, Waltman and van Eck 2019, "From Louvain to Leiden: guaranteeing well-connected
/// communities") for modularity with a resolution (Reichardt and Bornholdt 2006, configuration model):
///
///     H = sum over communities of  e - resolution * K^2 / 4m
///
/// with e the weight of the edges inside, K the sum of the members' strengths and m the weight of all edges.
///
/// A value: the same graph, resolution and seed give the same communities.
struct LeidenRun {
    let resolution: Double
    var random: SeededGenerator

    /// Moves nodes, refines the communities, goes on with the refined ones as nodes, until nothing moves: one iteration.
    /// Never lowers H.
    mutating func iterate(_ graph: borrowing LevelGraph, _ communities: inout Communities) {
        move(graph, &communities)
        guard communities.count < graph.count else { return }
        let refined = refine(graph, communities)
        guard refined.count < graph.count else { return }
        var above = Communities(singletons: refined.count)
        for node in 0..<graph.count { above.of[Int(refined.of[node])] = communities.of[node] }
        above.count = communities.count
        iterate(LevelGraph(aggregating: graph, refined), &above)
        for node in 0..<graph.count { communities.of[node] = above.of[Int(refined.of[node])] }
        communities.count = above.count
    }

    /// Local moving: takes nodes from a queue, in a random order at first, puts each where H gains most, and queues those
    /// of its neighbours that are elsewhere then, until the queue is empty.
    mutating func move(_ graph: borrowing LevelGraph, _ communities: inout Communities) {
        guard graph.total > 0 else { return }
        let count = graph.count
        let label = Numbers(communities.of)
        let strength = Numbers<Double>(repeating: 0, count: count)
        let size = Numbers<Int32>(repeating: 0, count: count)
        for node in 0..<count {
            strength[Int(label[node])] += graph.strengths[node]
            size[Int(label[node])] += 1
        }
        var empty = (communities.count..<count).reversed().map { Int32($0) }
        var nearby = WeightsTo(count: count)
        var queue = NodeQueue(order(of: count))
        // A gain that is rounding alone would send nodes back and forth.
        let leastGain = 1e-12 * graph.total
        while let node = queue.pop() {
            let own = Int(label[node])
            for edge in graph.offsets[node]..<graph.offsets[node + 1] {
                nearby.add(graph.weights[edge], to: Int(label[Int(graph.targets[edge])]))
            }
            let ownStrength = graph.strengths[node]
            let share = resolution * ownStrength / graph.total
            size[own] -= 1
            strength[own] = size[own] == 0 ? 0 : strength[own] - ownStrength
            let stays = nearby[own] - share * strength[own]
            var best = own
            var bestGain = stays + leastGain
            if let new = empty.last, size[own] > 0, bestGain < 0 {
                best = Int(new)
                bestGain = 0
            }
            for place in 0..<nearby.count {
                let candidate = nearby.community(place)
                let gain = nearby[candidate] - share * strength[candidate]
                if gain > bestGain, candidate != own {
                    best = candidate
                    bestGain = gain
                }
            }
            nearby.clear()
            if best != own, size[best] == 0 { empty.removeLast() }
            label[node] = Int32(best)
            size[best] += 1
            strength[best] += ownStrength
            guard best != own else { continue }
            if size[own] == 0 { empty.append(Int32(own)) }
            for edge in graph.offsets[node]..<graph.offsets[node + 1] {
                let neighbour = Int(graph.targets[edge])
                if Int(label[neighbour]) != best { queue.push(neighbour) }
            }
        }
        communities = Communities(closingGapsOf: label)
    }

    mutating func order(of count: Int) -> [Int32] {
        (0..<count).map { Int32($0) }.shuffled(using: &random)
    }
}
