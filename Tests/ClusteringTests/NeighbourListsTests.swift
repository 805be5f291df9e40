import Core
import Testing

@testable import Clustering

@Suite struct NeighbourListsTests {
    private struct Enough: Error {}

    /// The nearest by sorting everything.
    private func expected(_ table: VectorTable, k: Int) -> [[Int32]] {
        (0..<table.count).map { row in
            (0..<table.count).filter { $0 != row }
                .sorted { left, right in
                    let (near, far) = (table.similarity(row, left), table.similarity(row, right))
                    return near != far ? near > far : left < right
                }
                .prefix(k).map { Int32($0) }
        }
    }

    // Around the sizes of pieces and tiles, which are 64 and 256.
    @Test(arguments: [2, 5, 63, 64, 65, 255, 257, 300])
    func exactOnesEqualBruteForce(count: Int) {
        let table = Planted.scattered(count, dimension: 20, seed: UInt64(count))
        let k = min(10, count - 1)
        let expected = expected(table, k: k)
        for threads in [1, 3] {
            let lists = table.lists(10, threads: threads)
            #expect(lists.k == k)
            for row in 0..<count {
                #expect(Array(lists[row]) == expected[row])
                #expect(Array(lists.similarities(of: row)) == expected[row].map { table.similarity(row, Int($0)) })
            }
        }
    }

    @Test(arguments: [0, 1, 2, 3]) func fewRowsHaveShortLists(count: Int) {
        let lists = Planted.scattered(count, seed: 4).lists(30)
        #expect(lists.count == count)
        #expect(lists.k == max(0, count - 1))
        #expect(lists.rows.count == count * lists.k)
        for row in 0..<count { #expect(Set(lists[row].map { Int($0) }) == Set(0..<count).subtracting([row])) }
    }

    @Test func equallyNearRowsComeInOrder() {
        let lists = Planted.identical(70).lists(4)
        #expect(Array(lists[0]) == [1, 2, 3, 4])
        #expect(Array(lists[2]) == [0, 1, 3, 4])
        #expect(Array(lists[69]) == [0, 1, 2, 3])
    }

    @Test func walksFindNearlyAllAndTheSameOnAnyThreads() {
        let table = Planted(clusters: 40, rowsPerCluster: 30, dimension: 48, noise: 0.8).table
        let exact = table.lists(30)
        let walked = NeighbourLists(walking: table, k: 30, threads: 1, seed: 7, checkpoint: {})
        let again = NeighbourLists(walking: table, k: 30, threads: 3, seed: 7, checkpoint: {})
        #expect(walked.rows == again.rows)
        #expect(walked.similarities == again.similarities)
        var found = 0
        for row in 0..<table.count {
            found += Set(walked[row]).intersection(exact[row]).count
            #expect(!walked[row].contains(Int32(row)))
            let similarities = Array(walked.similarities(of: row))
            #expect(similarities == similarities.sorted(by: >))
        }
        #expect(Double(found) >= 0.98 * Double(exact.rows.count))
    }

    @Test func walksAmongEqualVectorsGiveWholeLists() {
        let walked = NeighbourLists(walking: Planted.identical(300), k: 30, threads: 2, seed: 1, checkpoint: {})
        for row in 0..<300 {
            #expect(Set(walked[row]).count == 30)
            #expect(!walked[row].contains(Int32(row)))
        }
        #expect(walked.similarities.allSatisfy { $0 == 1 })
    }

    @Test func aCheckpointEndsTheWork() {
        let table = Planted.scattered(200, seed: 3)
        #expect(throws: Enough.self) {
            try NeighbourLists(of: table, k: 5, threads: 2, seed: 1) { throw Enough() }
        }
        var calls = 0
        #expect(throws: Enough.self) {
            try NeighbourLists(walking: table, k: 5, threads: 2, seed: 1) {
                calls += 1
                if calls == 2 { throw Enough() }
            }
        }
    }
}
