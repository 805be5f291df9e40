import Core
import Testing

@testable import Clustering

@Suite struct SilhouetteTests {
    /// From all distances.
    private func expected(_ partition: Partition, _ table: VectorTable) -> Double {
        let members = partition.members()
        let values = (0..<table.count).map { row -> Double in
            let own = partition.clusters[row]
            guard members[own].count > 1 else { return 0 }
            func mean(_ rows: [Int]) -> Double {
                rows.reduce(0.0) { $0 + 1 - table.dot(row, $1) } / Double(rows.count)
            }
            let inside = mean(members[own].filter { $0 != row })
            let outside = members.indices.filter { $0 != own }.map { mean(members[$0]) }.min() ?? 0
            return (outside - inside) / max(inside, outside)
        }
        return values.reduce(0, +) / Double(table.count)
    }

    @Test(arguments: [2, 5, 30, 100]) func equalsTheMeanOverAllDistances(clusters: Int) {
        let table = Planted(clusters: 10, rowsPerCluster: 13, noise: 1).table
        var random = SeededGenerator(seed: 6)
        let partition = Partition(labels: (0..<130).map { _ in Int.random(in: 0..<clusters, using: &random) })
        #expect(abs(Silhouette.mean(of: partition, in: table) - expected(partition, table)) < 1e-5)
    }

    @Test func isNearlyTheSameAmongTheNearestClusters() {
        let planted = Planted(clusters: 60, rowsPerCluster: 6, noise: 0.8)
        let exact = Silhouette.mean(of: planted.partition, in: planted.table)
        let near = Silhouette.mean(of: planted.partition, in: planted.table, exactRows: 0)
        // A nearest cluster that is overlooked leaves one farther away.
        #expect(near >= exact - 1e-6)
        #expect(near < exact + 0.01)
    }

    @Test func isHighWhereClustersAreApart() {
        let planted = Planted(clusters: 6, rowsPerCluster: 10, noise: 0.3)
        let right = Silhouette.mean(of: planted.partition, in: planted.table)
        let wrong = Silhouette.mean(of: Partition(labels: (0..<60).map { $0 / 10 }), in: planted.table)
        #expect(right > 0.7)
        #expect(wrong < 0.1)
    }

    @Test func isZeroWhereThereIsNothingToCompare() {
        let table = Planted.identical(6)
        #expect(Silhouette.mean(of: Partition(labels: [0, 0, 0, 0, 0, 0]), in: table) == 0)
        #expect(Silhouette.mean(of: Partition(labels: [0, 1, 0, 1, 0, 1]), in: table) == 0)
        #expect(Silhouette.mean(of: Partition(labels: 0..<6), in: table) == 0)
        #expect(Silhouette.mean(of: Partition(labels: []), in: VectorTable(dimension: 4)) == 0)
    }
}
