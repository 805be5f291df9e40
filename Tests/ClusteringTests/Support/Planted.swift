import Clustering
import Core

/// Unit vectors in clusters that are known: a random centre for each, and noise around it.
struct Planted {
    let table: VectorTable
    /// The cluster of each row; they take turns.
    let clusters: [Int]

    /// - Parameter noise: length of the noise beside a centre's own of 1.
    init(clusters count: Int, rowsPerCluster: Int, dimension: Int = 32, noise: Float = 0.5, seed: UInt64 = 1) {
        var random = SeededGenerator(seed: seed)
        let centres = (0..<count).map { _ in Planted.unit((0..<dimension).map { _ in random.nearlyNormal() }) }
        clusters = (0..<count * rowsPerCluster).map { $0 % count }
        let scale = noise / Float(dimension).squareRoot()
        table = VectorTable(
            dimension: dimension,
            rows: clusters.map { cluster in Planted.unit(centres[cluster].map { $0 + scale * random.nearlyNormal() }) },
        )
    }

    var partition: Partition { Partition(labels: clusters) }

    static func unit(_ vector: [Float]) -> [Float] {
        let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return vector.map { $0 / length }
    }

    /// Rows of no structure.
    static func scattered(_ count: Int, dimension: Int = 16, seed: UInt64) -> VectorTable {
        var random = SeededGenerator(seed: seed)
        return VectorTable(
            dimension: dimension,
            rows: (0..<count).map { _ in unit((0..<dimension).map { _ in random.nearlyNormal() }) },
        )
    }

    /// So many times the same vector.
    static func identical(_ count: Int) -> VectorTable {
        VectorTable(dimension: 4, rows: Array(repeating: [0.5, 0.5, 0.5, 0.5], count: count))
    }

    /// Vectors at right angles to each other.
    static func orthogonal(_ count: Int) -> VectorTable {
        let rows = (0..<count).map { row in (0..<count).map { $0 == row ? Float(1) : 0 } }
        return VectorTable(dimension: max(count, 1), rows: rows)
    }
}

extension SeededGenerator {
    /// Sum of uniform numbers: near enough to a normal distribution with variance 1.
    mutating func nearlyNormal() -> Float {
        let bits = next()
        var sum: Float = 0
        for shift in stride(from: 0, to: 64, by: 16) { sum += Float(bits >> UInt64(shift) & 0xFFFF) / 65_536 }
        return (sum - 2) * 1.732
    }
}

extension VectorTable {
    func lists(_ k: Int = 30, threads: Int = 1) -> NeighbourLists {
        NeighbourLists(of: self, k: k, threads: threads, seed: 1)
    }

    var graph: NeighbourGraph { NeighbourGraph(jaccardOf: lists(), linked: 15) }

    func dot(_ left: Int, _ right: Int) -> Double {
        zip(self[left], self[right]).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    }
}

extension NeighbourGraph {
    /// Edges at random among so many rows, with weights up to 1.
    static func random(rows: Int, edges: Int, seed: UInt64) -> NeighbourGraph {
        var random = SeededGenerator(seed: seed)
        var seen: Set<[Int]> = []
        var list: [Edge] = []
        while list.count < edges {
            let first = Int.random(in: 0..<rows, using: &random)
            let second = Int.random(in: 0..<rows, using: &random)
            guard first != second, seen.insert([min(first, second), max(first, second)]).inserted else { continue }
            list.append(Edge(first, second, weight: Float.random(in: 0.01...1, using: &random)))
        }
        return NeighbourGraph(count: rows, edges: list)
    }

    /// By row and row; 0 where there is no edge.
    var matrix: [[Double]] {
        var matrix = [[Double]](repeating: [Double](repeating: 0, count: count), count: count)
        for row in 0..<count {
            for place in places(of: row) { matrix[row][Int(targets[place])] = Double(weights[place]) }
        }
        return matrix
    }
}
