internal import Foundation

extension LeidenRun {
    /// The paper's theta: how far a merge is left to chance. In units of edge weight, so that the differences that matter
    /// are decided and near ties are not.
    private static let randomness = 0.01

    /// Breaks each community up into nodes and merges these again within it, each node at most once, only with what it is
    /// joined with, and only what is well connected to the rest of the community (RefinePartition
    /// and MergeNodesSubset of the paper's algorithm A.2). So every refined community hangs together.
    mutating func refine(_ graph: borrowing LevelGraph, _ communities: Communities) -> Communities {
        let count = graph.count
        let whole = Numbers<Double>(repeating: 0, count: communities.count)
        let refined = Numbers(Communities(singletons: count).of)
        let size = Numbers<Int32>(repeating: 1, count: count)
        let strength = Numbers<Double>(repeating: 0, count: count)
        // Of each refined community: weight of its edges to the rest of its community.
        let outward = Numbers<Double>(repeating: 0, count: count)
        for node in 0..<count {
            let community = communities.of[node]
            whole[Int(community)] += graph.strengths[node]
            strength[node] = graph.strengths[node]
            for edge in graph.offsets[node]..<graph.offsets[node + 1]
            where communities.of[Int(graph.targets[edge])] == community {
                outward[node] += graph.weights[edge]
            }
        }
        let scale = resolution / graph.total
        // What sums of weights may be off by.
        let rounding = 1e-12 * graph.total
        var nearby = WeightsTo(count: count)
        var choices: [(community: Int, gain: Double)] = []
        for node in order(of: count).lazy.map({ Int($0) }) {
            // Others have joined it, or it has moved: its turn is over.
            guard Int(refined[node]) == node, size[node] == 1 else { continue }
            let community = communities.of[node]
            let total = whole[Int(community)]
            let own = graph.strengths[node]
            guard outward[node] + rounding >= scale * own * (total - own) else { continue }
            for edge in graph.offsets[node]..<graph.offsets[node + 1] {
                let neighbour = Int(graph.targets[edge])
                if communities.of[neighbour] == community {
                    nearby.add(graph.weights[edge], to: Int(refined[neighbour]))
                }
            }
            choices.removeAll(keepingCapacity: true)
            for place in 0..<nearby.count {
                let candidate = nearby.community(place)
                let part = strength[candidate]
                guard outward[candidate] + rounding >= scale * part * (total - part) else { continue }
                let gain = nearby[candidate] - scale * own * part
                if gain >= 0 { choices.append((candidate, gain)) }
            }
            if let chosen = choose(among: choices) {
                outward[chosen] += outward[node] - 2 * nearby[chosen]
                strength[chosen] += own
                size[chosen] += 1
                size[node] = 0
                refined[node] = Int32(chosen)
            }
            nearby.clear()
        }
        return Communities(closingGapsOf: refined)
    }

    /// One of the choices, or nil for none of them (which gains 0), each with a probability in proportion to
    /// exp(gain / theta).
    private mutating func choose(among choices: [(community: Int, gain: Double)]) -> Int? {
        guard let most = choices.lazy.map(\.gain).max() else { return nil }
        // Relative to the best, since the exponents are far beyond what a Double holds.
        func weight(_ gain: Double) -> Double { exp((gain - most) / Self.randomness) }
        let sum = choices.reduce(weight(0)) { $0 + weight($1.gain) }
        var left = Double.random(in: 0..<sum, using: &random)
        for choice in choices {
            left -= weight(choice.gain)
            if left < 0 { return choice.community }
        }
        return nil
    }
}
