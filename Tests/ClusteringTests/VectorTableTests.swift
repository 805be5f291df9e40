import Core
import Testing

@testable import Clustering

@Suite struct VectorTableTests {
    private func length(_ vector: some Sequence<Float>) -> Float { vector.reduce(0) { $0 + $1 * $1 }.squareRoot() }

    @Test func aMeanHasUnitLength() {
        let table = VectorTable(dimension: 2, rows: [[1, 0], [0, 1], [-1, 0]])
        let mean = table.mean(of: [0, 1])
        #expect(abs(mean[0] - 0.70710677) < 1e-6 && abs(mean[1] - 0.70710677) < 1e-6)
        #expect(table.mean(of: [1]) == [0, 1])
        // Opposite rows have no middle, and no rows have none at all.
        #expect(table.mean(of: [2, 0]) == [-1, 0])
        #expect(table.mean(of: []) == [0, 0])
    }

    @Test func someRowsAreATable() {
        let table = Planted.scattered(10, seed: 1)
        let part = table.table(of: [7, 2, 7])
        #expect(part.count == 3)
        #expect(Array(part[0]) == Array(table[7]))
        #expect(Array(part[1]) == Array(table[2]))
        #expect(Array(part[2]) == Array(table[7]))
        #expect(abs(Double(table.similarity(3, 4)) - table.dot(3, 4)) < 1e-5)
    }

    @Test func smoothingDrawsRowsToTheirNeighbours() {
        let table = Planted(clusters: 4, rowsPerCluster: 20, noise: 0.9)
        let smoothed = table.table.smoothed(by: table.table.lists())
        #expect(smoothed.count == 80)
        for row in 0..<80 { #expect(abs(length(smoothed[row]) - 1) < 1e-5) }
        #expect(
            Silhouette.mean(of: table.partition, in: smoothed) > Silhouette.mean(of: table.partition, in: table.table)
        )
    }

    @Test func smoothingIsHalfTheRowAndHalfItsNeighbours() {
        let table = VectorTable(dimension: 2, rows: [[1, 0], [0.8, 0.6], [0.6, 0.8]])
        let lists = table.lists()
        func drawn(_ rows: [[Float]]) -> [[Float]] {
            (0..<3).map { row in
                let near = zip(lists[row], lists.similarities(of: row)).map { (rows[Int($0)], $1) }
                let total = near.reduce(0) { $0 + $1.1 }
                return Planted.unit(
                    (0..<2).map { place in
                        0.5 * rows[row][place] + 0.5 * near.reduce(0) { $0 + $1.1 * $1.0[place] } / total
                    }
                )
            }
        }
        let expected = drawn(drawn((0..<3).map { Array(table[$0]) }))
        let smoothed = table.smoothed(by: lists)
        for row in 0..<3 {
            for (found, wanted) in zip(smoothed[row], expected[row]) { #expect(abs(found - wanted) < 1e-6) }
        }
    }

    @Test func smoothingLeavesWhatHasNoNeighbour() {
        for table in [Planted.identical(5), Planted.scattered(1, seed: 1), VectorTable(dimension: 3)] {
            let smoothed = table.smoothed(by: table.lists())
            #expect(zip(smoothed.values, table.values).allSatisfy { abs($0 - $1) < 1e-6 })
        }
        // At right angles nothing draws.
        let table = Planted.orthogonal(6)
        #expect(table.smoothed(by: table.lists()).values == table.values)
    }
}
