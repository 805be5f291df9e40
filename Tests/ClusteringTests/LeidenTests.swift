import Core
import Testing

@testable import Clustering

@Suite struct LeidenTests {
    /// The number of pieces that the cluster falls into inside the graph.
    private func pieces(_ members: [Int], _ graph: NeighbourGraph) -> Int {
        var left = Set(members)
        var pieces = 0
        while let start = left.min() {
            pieces += 1
            var open = [start]
            left.remove(start)
            while let row = open.popLast() {
                for place in graph.places(of: row) where left.remove(Int(graph.targets[place])) != nil {
                    open.append(Int(graph.targets[place]))
                }
            }
        }
        return pieces
    }

    @Test func findsCliquesInARing() {
        // Ten cliques of five, each joined to the next by one edge.
        var edges: [NeighbourGraph.Edge] = []
        for clique in 0..<10 {
            for first in 0..<5 {
                for second in 0..<first { edges.append(.init(5 * clique + first, 5 * clique + second, weight: 1)) }
            }
            edges.append(.init(5 * clique, 5 * ((clique + 1) % 10) + 1, weight: 1))
        }
        let graph = NeighbourGraph(count: 50, edges: edges)
        for seed in 1...5 {
            let partition = graph.leiden(resolution: 1, iterations: 10, seed: UInt64(seed))
            #expect(partition == Partition(labels: (0..<50).map { $0 / 5 }))
        }
    }

    @Test func reachesTheBestKnownModularityOfTheKarateClub() throws {
        // Zachary 1977; its modularity is at most .4198 (Brandes et al. 2008).
        let friends: [[Int]] = [
            [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 17, 19, 21, 31], [2, 3, 7, 13, 17, 19, 21, 30],
            [3, 7, 8, 9, 13, 27, 28, 32], [7, 12, 13], [6, 10], [6, 10, 16], [16], [], [30, 32, 33], [33], [], [], [],
            [33], [32, 33], [32, 33], [], [], [32, 33], [33], [32, 33], [], [32, 33], [25, 27, 29, 32, 33],
            [25, 27, 31], [31], [29, 33], [33], [31, 33], [32, 33], [32, 33], [32, 33], [33], [],
        ]
        let edges = friends.enumerated().flatMap { member, others in
            others.map { NeighbourGraph.Edge(member, $0, weight: 1) }
        }
        #expect(edges.count == 78)
        let graph = NeighbourGraph(count: 34, edges: edges)
        let best = (1...10).map { graph.modularity(of: graph.leiden(resolution: 1, seed: $0), resolution: 1) }.max()
        #expect(abs(try #require(best) - 0.4198) < 1e-4)
    }

    @Test func findsPlantedClusters() {
        let planted = Planted(clusters: 6, rowsPerCluster: 40)
        #expect(planted.table.graph.leiden(resolution: 1, seed: 3) == planted.partition)
    }

    @Test(arguments: [0.1, 0.5, 1, 3, 20])
    func itsCommunitiesHangTogetherAndBeatSingleRows(resolution: Double) {
        for seed in 1...6 {
            let graph = NeighbourGraph.random(rows: 90, edges: 60 * seed, seed: UInt64(seed))
            let partition = graph.leiden(resolution: resolution, seed: UInt64(seed))
            #expect(partition.clusters.count == 90)
            for members in partition.members() { #expect(pieces(members, graph) == 1) }
            let single = graph.modularity(of: Partition(labels: 0..<90), resolution: resolution)
            let whole = graph.modularity(of: partition, resolution: resolution)
            #expect(whole >= single)
            // Further iterations begin where these have ended.
            let further = graph.leiden(resolution: resolution, iterations: 10, seed: UInt64(seed))
            #expect(graph.modularity(of: further, resolution: resolution) >= whole - 1e-9)
        }
    }

    @Test func isTheSameForTheSameSeed() {
        let graph = NeighbourGraph.random(rows: 300, edges: 1_500, seed: 8)
        let first = graph.leiden(resolution: 2, seed: 5)
        #expect(graph.leiden(resolution: 2, seed: 5) == first)
        #expect((6...9).contains { graph.leiden(resolution: 2, seed: $0) != first })
    }

    @Test func aHigherResolutionGivesMoreCommunities() {
        let graph = Planted(clusters: 8, rowsPerCluster: 25, noise: 1.2).table.graph
        let counts = [0.2, 1, 5, 40, 1e6].map { graph.leiden(resolution: $0, seed: 1).clusterCount }
        #expect(counts == counts.sorted())
        #expect(counts.last == 200)
    }

    @Test func modularityIsTheSumOverPairs() {
        let graph = NeighbourGraph.random(rows: 25, edges: 80, seed: 2)
        let matrix = graph.matrix
        let strengths = matrix.map { $0.reduce(0, +) }
        let total = strengths.reduce(0, +)
        let partition = Partition(labels: (0..<25).map { $0 % 4 })
        var sum = 0.0
        for row in 0..<25 {
            for other in 0..<25 where partition.clusters[row] == partition.clusters[other] {
                sum += matrix[row][other] - 1.7 * strengths[row] * strengths[other] / total
            }
        }
        #expect(abs(graph.modularity(of: partition, resolution: 1.7) - sum / total) < 1e-12)
    }

    @Test func rowsWithoutEdgesStayAlone() {
        let graph = NeighbourGraph(count: 5, edges: [.init(1, 3, weight: 0.5)])
        #expect(graph.leiden(resolution: 0.5, seed: 1) == Partition(labels: [0, 1, 2, 1, 3]))
        #expect(NeighbourGraph(count: 3, edges: []).leiden(resolution: 1, seed: 1).clusterCount == 3)
        #expect(NeighbourGraph(count: 0, edges: []).leiden(resolution: 1, seed: 1).clusterCount == 0)
    }
}
