/// Weight of one node's edges to the communities around it. Weights are above zero.
struct WeightsTo: ~Copyable {
    private let weights: Numbers<Double>
    private let touched: Numbers<Int32>
    /// Communities that have any.
    private(set) var count = 0

    init(count: Int) {
        weights = Numbers(repeating: 0, count: count)
        touched = Numbers(repeating: 0, count: count)
    }

    subscript(community: Int) -> Double {
        @inline(__always) get { weights[community] }
    }

    /// In the order in which they were met.
    @inline(__always)
    func community(_ place: Int) -> Int { Int(touched[place]) }

    @inline(__always)
    mutating func add(_ weight: Double, to community: Int) {
        if weights[community] == 0 {
            touched[count] = Int32(truncatingIfNeeded: community)
            count += 1
        }
        weights[community] += weight
    }

    mutating func clear() {
        for place in 0..<count { weights[Int(touched[place])] = 0 }
        count = 0
    }
}

/// Nodes in order of arrival, each at most once at a time.
struct NodeQueue: ~Copyable {
    private let nodes: Numbers<Int32>
    private let isWaiting: Numbers<Bool>
    private var first = 0
    private var waiting: Int

    /// - Parameter order: every node of a graph, all of which wait.
    init(_ order: [Int32]) {
        nodes = Numbers(order)
        isWaiting = Numbers(repeating: true, count: order.count)
        waiting = order.count
    }

    mutating func pop() -> Int? {
        guard waiting > 0 else { return nil }
        let node = Int(nodes[first])
        first = first + 1 == nodes.count ? 0 : first + 1
        waiting -= 1
        isWaiting[node] = false
        return node
    }

    /// Does nothing where it waits already.
    mutating func push(_ node: Int) {
        guard !isWaiting[node] else { return }
        isWaiting[node] = true
        let end = first + waiting
        nodes[end < nodes.count ? end : end - nodes.count] = Int32(truncatingIfNeeded: node)
        waiting += 1
    }
}
