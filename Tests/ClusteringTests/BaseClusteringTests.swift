import Core
import Testing

@testable import Clustering

@Suite struct BaseClusteringTests {
    @Test func kMeansFindsPlantedClusters() {
        let planted = Planted(clusters: 6, rowsPerCluster: 20, noise: 0.4)
        #expect(BaseClustering.kMeans(planted.table, clusters: 6, restarts: 4, seed: 1) == planted.partition)
    }

    @Test func kMeansIsTheSameForTheSameSeed() {
        let table = Planted.scattered(150, seed: 2)
        let first = BaseClustering.kMeans(table, clusters: 9, restarts: 2, seed: 5)
        #expect(first.clusterCount == 9)
        #expect(BaseClustering.kMeans(table, clusters: 9, restarts: 2, seed: 5) == first)
    }

    @Test func moreStartsAreNoWorse() {
        let table = Planted.scattered(120, seed: 3)
        func spread(_ restarts: Int) -> Double {
            let partition = BaseClustering.kMeans(table, clusters: 10, restarts: restarts, seed: 7)
            let means = table.means(of: partition)
            return (0..<table.count).reduce(0.0) { sum, row in
                sum
                    + zip(table[row], means[partition.clusters[row]]).reduce(0.0) {
                        let difference = Double($1.0 - $1.1)
                        return $0 + difference * difference
                    }
            }
        }
        #expect(spread(6) <= spread(1) + 1e-4)
    }

    @Test func wardFindsPlantedClusters() {
        let planted = Planted(clusters: 7, rowsPerCluster: 15, noise: 0.5)
        #expect(BaseClustering.wardLinkage(planted.table, clusters: 7) == planted.partition)
    }

    /// Ward's linkage by merging the two nearest clusters again and again.
    private func merged(_ table: VectorTable, clusters: Int) -> Partition {
        var groups = (0..<table.count).map { [$0] }
        func cost(_ left: [Int], _ right: [Int]) -> Double {
            let means = [left, right].map { rows in
                (0..<table.dimension).map { place in
                    rows.reduce(0.0) { $0 + Double(table[$1][$1 * table.dimension + place]) } / Double(rows.count)
                }
            }
            let square = zip(means[0], means[1]).reduce(0.0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
            return Double(left.count * right.count) / Double(left.count + right.count) * square
        }
        while groups.count > clusters {
            var best = (first: 0, second: 1, cost: Double.infinity)
            for second in groups.indices {
                for first in 0..<second {
                    let cost = cost(groups[first], groups[second])
                    if cost < best.cost { best = (first, second, cost) }
                }
            }
            groups[best.first] += groups.remove(at: best.second)
        }
        var labels = [Int](repeating: 0, count: table.count)
        for (label, rows) in groups.enumerated() { for row in rows { labels[row] = label } }
        return Partition(labels: labels)
    }

    @Test func wardMergesTheNearestFirst() {
        let table = Planted.scattered(24, dimension: 6, seed: 11)
        let tree = WardTree(table)
        for clusters in [1, 2, 5, 9, 17, 24] {
            #expect(tree.cut(clusters: clusters) == merged(table, clusters: clusters), "\(clusters)")
        }
    }

    @Test(arguments: [0, 1, 2, 3]) func fewRowsAreClusteredToo(count: Int) {
        let table = Planted.scattered(count, seed: 5)
        for clusters in [1, 2, 10] {
            let expected = min(count, clusters)
            #expect(BaseClustering.kMeans(table, clusters: clusters, restarts: 2, seed: 1).clusterCount == expected)
            #expect(BaseClustering.wardLinkage(table, clusters: clusters).clusterCount == expected)
        }
    }

    @Test func equalRowsAreOneClusterOfKMeans() {
        let table = Planted.identical(20)
        #expect(BaseClustering.kMeans(table, clusters: 4, restarts: 2, seed: 1).clusterCount == 1)
        #expect(BaseClustering.wardLinkage(table, clusters: 4).clusterCount == 4)
    }

    @Test func rowsAtRightAnglesAreClusteredToo() {
        let table = Planted.orthogonal(12)
        #expect(BaseClustering.kMeans(table, clusters: 4, restarts: 2, seed: 1).clusterCount == 4)
        #expect(BaseClustering.kMeans(table, clusters: 12, restarts: 1, seed: 1).clusterCount == 12)
        #expect(BaseClustering.wardLinkage(table, clusters: 4).clusterCount == 4)
    }
}
