import Core
import Testing

@testable import Clustering

@Suite struct NeighbourGraphTests {
    @Test func edgesWeighWhatTheirEndsHaveInCommon() {
        // The first two of each row's three neighbours are linked.
        let lists = NeighbourLists(
            k: 3,
            count: 5,
            rows: [1, 2, 3, 0, 3, 2, 0, 1, 4, 0, 1, 2, 3, 0, 1],
            similarities: [Float](repeating: 0.5, count: 15),
        )
        let graph = NeighbourGraph(jaccardOf: lists, linked: 2)
        let matrix = graph.matrix
        // Of {1 2 3} and {0 3 2} two are in both, of {1 2 3} and {0 1 4} one, and so on.
        let expected: [(Int, Int, Double)] = [
            (0, 1, 2.0 / 4), (0, 2, 1.0 / 5), (0, 3, 2.0 / 4), (0, 4, 2.0 / 4), (1, 2, 1.0 / 5), (1, 3, 2.0 / 4),
            (3, 4, 2.0 / 4),
        ]
        for (first, second, jaccard) in expected {
            #expect(abs(matrix[first][second] - jaccard - 0.01) < 1e-6, "\(first) \(second)")
        }
        #expect(graph.targets.count == 2 * expected.count)
    }

    @Test func isTheSameFromBothEnds() {
        let graph = Planted(clusters: 5, rowsPerCluster: 12).table.graph
        let matrix = graph.matrix
        for row in 0..<graph.count {
            let targets = Array(graph.targets[graph.places(of: row)])
            #expect(targets == targets.sorted())
            #expect(Set(targets).count == targets.count)
            #expect(matrix[row][row] == 0)
            for other in 0..<graph.count { #expect(matrix[row][other] == matrix[other][row]) }
            // Its own list and whoever names it.
            #expect(targets.count >= 15)
        }
    }

    @Test func aSubgraphHasTheEdgesAmongItsRows() {
        let graph = NeighbourGraph.random(rows: 30, edges: 120, seed: 5)
        let rows = [7, 3, 29, 0, 12, 11, 18]
        let part = graph.subgraph(rows)
        let (whole, matrix) = (graph.matrix, part.matrix)
        #expect(part.count == rows.count)
        for (first, row) in rows.enumerated() {
            let targets = Array(part.targets[part.places(of: first)])
            #expect(targets == targets.sorted())
            for (second, other) in rows.enumerated() { #expect(matrix[first][second] == whole[row][other]) }
        }
        #expect(graph.subgraph([]).count == 0)
    }

    @Test(arguments: [0, 1, 2, 3]) func fewRowsAreAGraph(count: Int) {
        let graph = Planted.scattered(count, seed: 9).graph
        #expect(graph.count == count)
        #expect(graph.targets.count == count * max(0, count - 1))
        #expect(graph.weights.allSatisfy { $0 >= 0.01 })
    }
}
