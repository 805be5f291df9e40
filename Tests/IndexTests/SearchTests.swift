import Core
import Testing

@testable import Index

@Suite struct NearestRowsTests {
    @Test func keepsTheNearestInOrder() {
        var random = SeededGenerator(seed: 3)
        for k in [1, 2, 10, 100] {
            let offered = (0..<200).map { row in
                NearestRows.Entry(similarity: Float(Int.random(in: 0..<20, using: &random)), vertical: 0, row: row)
            }
            func id(_ entry: NearestRows.Entry) -> ExemplarID {
                // Any order of ids that is not the order of rows.
                ExemplarID(Bits128(UInt128(entry.row * 7_919 % 200)))
            }
            var nearest = NearestRows(k: k)
            for entry in offered { nearest.offer(entry, exemplar: id) }
            let expected = offered.sorted { left, right in
                left.similarity != right.similarity
                    ? left.similarity > right.similarity : id(left).bits < id(right).bits
            }
            #expect(nearest.entries.map(\.row) == expected.prefix(k).map(\.row))
        }
    }

    @Test func takesNoNumberThatIsNone() {
        var nearest = NearestRows(k: 2)
        nearest.offer(.init(similarity: .nan, vertical: 0, row: 0)) { _ in ExemplarID(Bits128(0)) }
        #expect(nearest.entries.isEmpty)
    }
}

@Suite struct VectorScanTests {
    @Test func comparesWithEveryAllowedVector() throws {
        var random = SeededGenerator(seed: 9)
        let dimension = 24
        var run = BlockRun(dimension: dimension, from: 70)
        var vectors: [[Float]] = []
        for _ in 0..<6_500 {
            let vector = (0..<dimension).map { _ in random.nearlyNormal() }
            run.append(vector)
            vectors.append(vector)
        }
        var allowed = Bitmap(repeating: true, count: 6_570)
        for row in stride(from: 70, to: 6_570, by: 3) { allowed[row] = false }
        for (query, bound) in [(vectors[10], Float(2)), (vectors[2_000], 4), (vectors[6_499], -1)] {
            var found: [Int: Float] = [:]
            var order: [Int] = []
            try query.withUnsafeBufferPointer { floats in
                let scan = VectorScan(query: try #require(floats.baseAddress), allowed: allowed)
                run.forEachStretch { stretch in
                    scan.run(over: stretch) {
                        bound
                    } matches: { row, similarity in
                        found[row] = similarity
                        order.append(row)
                    }
                }
            }
            var expected: [Int: Float] = [:]
            for (index, vector) in vectors.enumerated() where allowed[index + 70] {
                let similarity = VectorKernels.dot(query, vector)
                if similarity >= bound { expected[index + 70] = similarity }
            }
            #expect(found == expected)
            #expect(order == expected.keys.sorted())
            #expect(!expected.isEmpty)
        }
    }
}
