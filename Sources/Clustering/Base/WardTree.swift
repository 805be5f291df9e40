internal import Index

/// All merges of Ward's linkage over the rows of a table, which can then be cut at any number of clusters.
///
/// By the nearest-neighbour chain (Murtagh 1983; Müllner 2011, algorithm 4) over the clusters' means: two of sizes a and b
/// are 2ab / (a + b) * |difference of means|^2 apart, so no distance is kept, and memory goes with the rows alone.
package struct WardTree: Sendable {
    private struct Merge {
        var first: Int
        var second: Int
        var height: Float
    }

    private let count: Int
    /// Lowest first; each names a row of either cluster.
    private let merges: [(first: Int, second: Int)]

    package init(_ table: VectorTable) {
        count = table.count
        var chain = WardChain(table)
        var merges: [Merge] = []
        while let (first, second, height) = chain.next() {
            merges.append(Merge(first: first, second: second, height: height))
        }
        // A stable order, so that of equal heights the earlier comes first.
        self.merges = merges.enumerated()
            .sorted { ($0.element.height, $0.offset) < ($1.element.height, $1.offset) }
            .map { ($0.element.first, $0.element.second) }
    }

    /// - Parameter clusters: at least 1; where there are fewer rows, each is a cluster.
    package func cut(clusters: Int) -> Partition {
        var parents = Array(0..<count)
        func root(_ row: Int) -> Int {
            var row = row
            while parents[row] != row {
                parents[row] = parents[parents[row]]
                row = parents[row]
            }
            return row
        }
        for merge in merges.prefix(max(0, count - clusters)) { parents[root(merge.second)] = root(merge.first) }
        return Partition(labels: (0..<count).map(root))
    }
}

/// The chain: each cluster on it is the nearest to the one before; the last two are merged once each is nearest to the
/// other.
private struct WardChain: ~Copyable {
    private let dimension: Int
    /// Means of the clusters that are left, one behind the other in slots 0 to `left` - 1.
    private let means: Numbers<Float>
    private let squares: Numbers<Float>
    private let sizes: Numbers<Float>
    private let products: Numbers<Float>
    /// The cluster in each slot, named by one of its rows, and the slot of each.
    private let names: Numbers<Int32>
    private let slots: Numbers<Int32>
    private var left: Int
    /// Names.
    private var chain: [Int] = []

    init(_ table: VectorTable) {
        dimension = table.dimension
        left = table.count
        means = Numbers(table.values)
        sizes = Numbers(repeating: 1, count: table.count)
        products = Numbers(repeating: 0, count: table.count)
        names = Numbers((0..<table.count).map { Int32($0) })
        slots = Numbers((0..<table.count).map { Int32($0) })
        squares = Numbers(repeating: 0, count: table.count)
        for slot in 0..<table.count { squares[slot] = square(slot) }
    }

    /// Merges two clusters and names a row of each; nil once there is one left.
    mutating func next() -> (first: Int, second: Int, height: Float)? {
        guard left > 1 else { return nil }
        if chain.isEmpty { chain.append(Int(names[0])) }
        while true {
            // Never empty in here.
            let top = chain[chain.count - 1]
            let before = chain.count > 1 ? chain[chain.count - 2] : nil
            let (nearest, height) = nearest(to: top, before: before)
            guard nearest == before else {
                chain.append(nearest)
                continue
            }
            chain.removeLast(2)
            merge(nearest, top)
            return (nearest, top, height)
        }
    }

    /// - Parameter before: taken where nothing else is nearer, so that the chain ends among equal distances.
    private func nearest(to name: Int, before: Int?) -> (name: Int, height: Float) {
        let own = Int(slots[name])
        VectorKernels.dots(mean(own), allMeans, dimension: dimension, into: products.memory)
        var best = before.map { Int(slots[$0]) } ?? (own == 0 ? 1 : 0)
        var least = height(own, best)
        for slot in 0..<left where slot != own {
            let height = height(own, slot)
            if height < least {
                best = slot
                least = height
            }
        }
        return (Int(names[best]), least)
    }

    /// After the products of slot `own` with all others.
    @inline(__always)
    private func height(_ own: Int, _ slot: Int) -> Float {
        let distance = max(0, squares[own] + squares[slot] - 2 * products[slot])
        return 2 * (sizes[own] * sizes[slot] / (sizes[own] + sizes[slot])) * distance
    }

    private mutating func merge(_ kept: Int, _ gone: Int) {
        let (into, from) = (Int(slots[kept]), Int(slots[gone]))
        let size = sizes[into] + sizes[from]
        let (own, other) = (sizes[into] / size, sizes[from] / size)
        for place in 0..<dimension {
            means[into * dimension + place] =
                own * means[into * dimension + place] + other * means[from * dimension + place]
        }
        sizes[into] = size
        squares[into] = square(into)
        // The last cluster moves into the gap.
        left -= 1
        guard from != left else { return }
        for place in 0..<dimension { means[from * dimension + place] = means[left * dimension + place] }
        squares[from] = squares[left]
        sizes[from] = sizes[left]
        names[from] = names[left]
        slots[Int(names[from])] = Int32(from)
    }

    private func square(_ slot: Int) -> Float {
        // A slot has numbers.
        let mean = mean(slot).baseAddress!
        return VectorKernels.dot(mean, mean, dimension: dimension)
    }

    private func mean(_ slot: Int) -> UnsafeBufferPointer<Float> {
        UnsafeBufferPointer(rebasing: means.memory[slot * dimension..<(slot + 1) * dimension])
    }

    private var allMeans: UnsafeBufferPointer<Float> {
        UnsafeBufferPointer(rebasing: means.memory[0..<left * dimension])
    }
}
