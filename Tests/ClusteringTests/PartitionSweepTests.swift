import Core
import Testing

@testable import Clustering

@Suite struct PartitionSweepTests {
    private struct Enough: Error {}

    private func cut(_ resolution: Double, clusters: Int, _ silhouette: Double) -> SweepCut {
        SweepCut(
            resolution: resolution,
            partition: Partition(labels: (0..<200).map { $0 % clusters }),
            silhouette: silhouette,
        )
    }

    @Test func takesTheSmallestResolutionNearTheBest() {
        let sweep = PartitionSweep(cuts: [
            cut(1, clusters: 4, 0.1), cut(2, clusters: 10, 0.28), cut(3, clusters: 16, 0.296),
            cut(4, clusters: 22, 0.3),
            cut(5, clusters: 30, 0.304), cut(6, clusters: 90, 0.2),
        ])
        #expect(sweep.chosen.resolution == 3)
        #expect(sweep.coarser.resolution == 2)
        #expect(sweep.finer.resolution == 4)
    }

    @Test func offersTheChosenOneWhereThereIsNoOther() {
        let sweep = PartitionSweep(cuts: [
            cut(1, clusters: 5, -0.2), cut(2, clusters: 5, -0.204), cut(3, clusters: 5, -0.3),
        ])
        #expect(sweep.chosen.resolution == 1)
        #expect(sweep.coarser.resolution == 1)
        #expect(sweep.finer.resolution == 1)
    }

    @Test func findsThePlantedNumberOfClusters() throws {
        let planted = Planted(clusters: 8, rowsPerCluster: 30, noise: 0.6)
        let lists = planted.table.lists()
        let graph = NeighbourGraph(jaccardOf: lists, linked: 15)
        var shares: [Double] = []
        let sweep = PartitionSweep(graph: graph, vectors: planted.table, lists: lists, seed: 1) { shares.append($0) }
        #expect(sweep.cuts.map(\.resolution) == PartitionSweep.resolutions)
        #expect(sweep.chosen.partition == planted.partition)
        #expect(sweep.coarser.partition.clusterCount <= 8)
        #expect(sweep.finer.partition.clusterCount > 8)
        #expect(shares == shares.sorted() && shares.last == 1)
        let again = PartitionSweep(graph: graph, vectors: planted.table, lists: lists, seed: 1)
        #expect(again.cuts.map(\.partition) == sweep.cuts.map(\.partition))
        #expect(again.cuts.map(\.silhouette) == sweep.cuts.map(\.silhouette))
    }

    @Test func resolutionsGoFromAHalfToThirtyTwo() throws {
        let resolutions = PartitionSweep.resolutions
        #expect(resolutions.count == 13)
        #expect(resolutions.first == 0.5)
        #expect(abs(try #require(resolutions.last) - 32) < 1e-9)
        for (lower, higher) in zip(resolutions, resolutions.dropFirst()) {
            #expect(abs(higher / lower - 2.0.squareRoot()) < 1e-9)
        }
    }

    @Test func searchesForANumberOfClusters() {
        let planted = Planted(clusters: 8, rowsPerCluster: 25, noise: 0.7)
        let lists = planted.table.lists()
        let graph = NeighbourGraph(jaccardOf: lists, linked: 15)
        func nearest(_ clusters: Int) -> SweepCut {
            PartitionSweep.nearest(to: clusters, graph: graph, vectors: planted.table, lists: lists, seed: 1)
        }
        #expect(nearest(8).partition == planted.partition)
        #expect((16...24).contains(nearest(20).partition.clusterCount))
        #expect(nearest(5_000).partition.clusterCount == 200)
        #expect(nearest(1).partition.clusterCount <= 8)
    }

    @Test func whoWatchesCanEndIt() {
        let table = Planted(clusters: 3, rowsPerCluster: 10).table
        let lists = table.lists()
        let graph = NeighbourGraph(jaccardOf: lists, linked: 15)
        #expect(throws: Enough.self) {
            try PartitionSweep(graph: graph, vectors: table, lists: lists, seed: 1) { if $0 > 0.3 { throw Enough() } }
        }
        #expect(throws: Enough.self) {
            try PartitionSweep.nearest(to: 3, graph: graph, vectors: table, lists: lists, seed: 1) { _ in throw Enough()
            }
        }
    }

    @Test(arguments: [
        Planted.scattered(0, seed: 1), Planted.scattered(1, seed: 1), Planted.scattered(2, seed: 1),
        Planted.scattered(3, seed: 1), Planted.identical(40), Planted.orthogonal(40),
    ])
    func cutsWhateverThereIs(table: VectorTable) {
        let lists = table.lists()
        let graph = NeighbourGraph(jaccardOf: lists, linked: 15)
        let sweep = PartitionSweep(graph: graph, vectors: table, lists: lists, seed: 1)
        for cut in sweep.cuts {
            #expect(cut.partition.clusters.count == table.count)
            #expect((-1...1).contains(cut.silhouette))
        }
        #expect(sweep.coarser.partition.clusterCount <= sweep.chosen.partition.clusterCount)
        #expect(sweep.finer.partition.clusterCount >= sweep.chosen.partition.clusterCount)
        let near = PartitionSweep.nearest(to: 2, graph: graph, vectors: table, lists: lists, seed: 1)
        #expect(near.partition.clusters.count == table.count)
    }
}
