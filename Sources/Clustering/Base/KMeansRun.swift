internal import Core
internal import Foundation
internal import Index

/// Lloyd's algorithm from starts by greedy k-means++ (Arthur and Vassilvitskii 2007; several candidates for each centre,
/// as they suggest and scikit-learn does).
struct KMeansRun {
    struct Outcome {
        var labels: [Int32]
        /// Sum of the squared distances to the centres.
        var inertia: Double
    }

    private static let mostRounds = 100
    private static let rowsOfPiece = 64

    private let table: VectorTable
    private let clusters: Int
    private var random: SeededGenerator

    /// - Parameter clusters: at most as many as there are rows.
    init(_ table: VectorTable, clusters: Int, seed: UInt64) {
        self.table = table
        self.clusters = clusters
        random = SeededGenerator(seed: seed)
    }

    /// From the next start until no row changes its cluster.
    mutating func start() -> Outcome {
        var centres = firstCentres()
        var labels = [Int32](repeating: -1, count: table.count)
        var distances = [Float](repeating: 0, count: table.count)
        for _ in 0..<Self.mostRounds {
            let before = labels
            assign(to: centres, &labels, &distances)
            if labels == before { break }
            centres = middles(labels, distances, count: centres.count)
        }
        assign(to: centres, &labels, &distances)
        return Outcome(labels: labels, inertia: distances.reduce(0.0) { $0 + Double($1) })
    }

    /// Each further centre is the best of some rows drawn in proportion to their squared distance to the nearest centre so
    /// far. Fewer where all rows coincide with centres.
    private mutating func firstCentres() -> VectorTable {
        let trials = 2 + Int(log(Double(clusters)))
        var chosen = [Int.random(in: 0..<table.count, using: &random)]
        var distances = squaredDistances(to: table.table(of: chosen))
        while chosen.count < clusters {
            let candidates = (0..<trials).compactMap { _ in draw(distances) }
            guard !candidates.isEmpty else { break }
            let further = squaredDistances(to: table.table(of: candidates))
            var best = 0
            var least = Double.infinity
            for candidate in candidates.indices {
                var sum = 0.0
                for row in 0..<table.count {
                    sum += Double(min(distances[row], further[candidate * table.count + row]))
                }
                if sum < least {
                    best = candidate
                    least = sum
                }
            }
            for row in 0..<table.count { distances[row] = min(distances[row], further[best * table.count + row]) }
            distances[candidates[best]] = 0
            chosen.append(candidates[best])
        }
        return table.table(of: chosen)
    }

    /// A row in proportion to its distance; nil where there is none but 0.
    private mutating func draw(_ distances: [Float]) -> Int? {
        let sum = distances.reduce(0.0) { $0 + Double($1) }
        guard sum > 0 else { return nil }
        var left = Double.random(in: 0..<sum, using: &random)
        for (row, distance) in distances.enumerated() {
            left -= Double(distance)
            if left < 0 { return row }
        }
        return distances.lastIndex { $0 > 0 }
    }

    /// Of each row to each of some unit vectors: those to the first, then those to the second and so on.
    private func squaredDistances(to others: VectorTable) -> [Float] {
        var distances = [Float](repeating: 0, count: others.count * table.count)
        forEachProduct(with: others) { row, other, product in
            // What rounding leaves between equal vectors is no distance.
            let distance = 2 - 2 * product
            distances[other * table.count + row] = distance > 1e-6 ? distance : 0
        }
        return distances
    }

    /// Each row to the nearest centre, the first of equally near ones.
    private func assign(to centres: VectorTable, _ labels: inout [Int32], _ distances: inout [Float]) {
        let squares = (0..<centres.count).map { centre in centres[centre].reduce(0) { $0 + $1 * $1 } }
        for row in 0..<table.count { distances[row] = .infinity }
        forEachProduct(with: centres) { row, centre, product in
            let distance = max(0, 1 + squares[centre] - 2 * product)
            if distance < distances[row] {
                distances[row] = distance
                labels[row] = Int32(truncatingIfNeeded: centre)
            }
        }
    }

    /// The means of the clusters; one without a row gets the row that is farthest from its own centre.
    private func middles(_ labels: [Int32], _ distances: [Float], count: Int) -> VectorTable {
        let dimension = table.dimension
        var distances = distances
        var sizes = [Int](repeating: 0, count: count)
        for label in labels { sizes[Int(label)] += 1 }
        let sums = Numbers<Float>(repeating: 0, count: count * dimension)
        func sum(_ centre: Int) -> UnsafeMutableBufferPointer<Float> {
            UnsafeMutableBufferPointer(rebasing: sums.memory[centre * dimension..<(centre + 1) * dimension])
        }
        table.values.withUnsafeBufferPointer { values in
            for (row, label) in labels.enumerated() {
                let weight = 1 / Float(sizes[Int(label)])
                VectorTable.add(table.memory(of: row..<row + 1, in: values), times: weight, to: sum(Int(label)))
            }
            for centre in 0..<count where sizes[centre] == 0 {
                var farthest = 0
                for row in 1..<table.count where distances[row] > distances[farthest] { farthest = row }
                distances[farthest] = -1
                VectorTable.add(table.memory(of: farthest..<farthest + 1, in: values), times: 1, to: sum(centre))
            }
        }
        return VectorTable(dimension: dimension, values: sums.array)
    }

    /// - Parameter body: called for each row with each of the others, those of a row in order.
    private func forEachProduct(
        with others: VectorTable,
        _ body: (_ row: Int, _ other: Int, _ product: Float) -> Void,
    ) {
        let products = Numbers<Float>(repeating: 0, count: Self.rowsOfPiece * others.count)
        table.values.withUnsafeBufferPointer { values in
            others.values.withUnsafeBufferPointer { otherValues in
                for start in stride(from: 0, to: table.count, by: Self.rowsOfPiece) {
                    let piece = start..<min(start + Self.rowsOfPiece, table.count)
                    let left = table.memory(of: piece, in: values)
                    VectorKernels.dots(left, otherValues, dimension: table.dimension, into: products.memory)
                    for row in piece {
                        for other in 0..<others.count {
                            body(row, other, products[(row - start) * others.count + other])
                        }
                    }
                }
            }
        }
    }
}
