internal import Index

/// How much nearer rows are to their own cluster than to the nearest other one (Rousseeuw 1987), by cosine distance.
///
/// The mean distance of a unit vector to a cluster is 1 - x . (sum of the cluster) / size, so no two rows are ever
/// compared: the work is rows * clusters * dimension, exactly.
struct Silhouette {
    private static let rowsOfPiece = 64
    private static let clustersOfTile = 256
    /// Above `NeighbourLists.mostExactRows` rows the nearest other cluster is looked for among so many: those nearest to
    /// the row's cluster on the average over its rows.
    private static let rivals = 32

    private let table: VectorTable
    private let partition: Partition
    private let sizes: [Int]
    /// Sum of a cluster's rows / size: not of unit length.
    private let means: VectorTable

    private init(_ table: VectorTable, _ partition: Partition) {
        self.table = table
        self.partition = partition
        var sizes = [Int](repeating: 0, count: partition.clusterCount)
        for cluster in partition.clusters { sizes[cluster] += 1 }
        self.sizes = sizes
        means = table.means(of: partition)
    }

    /// The mean over all rows, -1 to 1. A row alone in its cluster counts 0, as does one whose distances are both 0; a
    /// single cluster is 0 altogether, and so are no rows.
    ///
    /// - Parameter exactRows: up to so many rows all clusters are looked at for each row.
    static func mean(
        of partition: Partition,
        in table: VectorTable,
        exactRows: Int = NeighbourLists.mostExactRows,
    ) -> Double {
        precondition(partition.clusters.count == table.count, "a cluster for each row")
        guard partition.clusterCount > 1 else { return 0 }
        let silhouette = Silhouette(table, partition)
        let isNear = table.count > exactRows && partition.clusterCount > rivals + 1
        return (isNear ? silhouette.sumOverRivals() : silhouette.sumOverAll()) / Double(table.count)
    }

    private func sumOverAll() -> Double {
        let products = Numbers<Float>(repeating: 0, count: Self.rowsOfPiece * Self.clustersOfTile)
        var sum = 0.0
        table.values.withUnsafeBufferPointer { values in
            means.values.withUnsafeBufferPointer { centres in
                for start in stride(from: 0, to: table.count, by: Self.rowsOfPiece) {
                    let piece = start..<min(start + Self.rowsOfPiece, table.count)
                    var own = [Float](repeating: 0, count: piece.count)
                    var other = [Float](repeating: -.infinity, count: piece.count)
                    for first in stride(from: 0, to: means.count, by: Self.clustersOfTile) {
                        let tile = first..<min(first + Self.clustersOfTile, means.count)
                        VectorKernels.dots(
                            table.memory(of: piece, in: values),
                            means.memory(of: tile, in: centres),
                            dimension: table.dimension,
                            into: products.memory,
                        )
                        for row in piece {
                            let place = row - start
                            for cluster in tile {
                                let product = products[place * tile.count + cluster - first]
                                if cluster == partition.clusters[row] {
                                    own[place] = product
                                } else if product > other[place] {
                                    other[place] = product
                                }
                            }
                        }
                    }
                    for row in piece { sum += value(of: row, own: own[row - start], other: other[row - start]) }
                }
            }
        }
        return sum
    }

    private func sumOverRivals() -> Double {
        let nearest = NeighbourLists(exactlyOf: means, k: Self.rivals, threads: 1, checkpoint: {})
        var sum = 0.0
        table.values.withUnsafeBufferPointer { values in
            means.values.withUnsafeBufferPointer { centres in
                // There are rows and clusters, so both have memory.
                let (rows, clusters) = (values.baseAddress!, centres.baseAddress!)
                for row in 0..<table.count {
                    func product(_ cluster: Int) -> Float {
                        VectorKernels.dot(
                            rows + row * table.dimension,
                            clusters + cluster * table.dimension,
                            dimension: table.dimension,
                        )
                    }
                    let cluster = partition.clusters[row]
                    if sizes[cluster] == 1 { continue }
                    var other = -Float.infinity
                    for rival in nearest[cluster] { other = max(other, product(Int(rival))) }
                    sum += value(of: row, own: product(cluster), other: other)
                }
            }
        }
        return sum
    }

    /// - Parameters:
    ///   - own: mean cosine to the rows of the row's own cluster, itself included.
    ///   - other: to those of the nearest other one.
    private func value(of row: Int, own: Float, other: Float) -> Double {
        let size = Double(sizes[partition.clusters[row]])
        guard size > 1 else { return 0 }
        // Its distance to itself is 0, so leaving it out changes the divisor alone.
        let inside = max(0, (1 - Double(own)) * size / (size - 1))
        let outside = max(0, 1 - Double(other))
        let larger = max(inside, outside)
        // Less is what rounding leaves of equal vectors.
        return larger > 1e-6 ? (outside - inside) / larger : 0
    }
}

extension VectorTable {
    /// The mean of each cluster's rows, not of unit length.
    func means(of partition: Partition) -> VectorTable {
        let sums = Numbers<Float>(repeating: 0, count: partition.clusterCount * dimension)
        var sizes = [Int](repeating: 0, count: partition.clusterCount)
        values.withUnsafeBufferPointer { values in
            for (row, cluster) in partition.clusters.enumerated() {
                let sum = UnsafeMutableBufferPointer(
                    rebasing: sums.memory[cluster * dimension..<(cluster + 1) * dimension]
                )
                Self.add(memory(of: row..<row + 1, in: values), times: 1, to: sum)
                sizes[cluster] += 1
            }
        }
        for cluster in 0..<partition.clusterCount {
            let scale = 1 / Float(sizes[cluster])
            for place in cluster * dimension..<(cluster + 1) * dimension { sums[place] *= scale }
        }
        return VectorTable(dimension: dimension, values: sums.array)
    }
}
