import Core
import SwitchboardClient
import Testing

/// The search for near-duplicates inside a file, against comparing everything with everything in double precision.
struct NearDuplicatesTests {
    private static let dimension = 70

    private func unit(_ numbers: [Float]) -> [Float] {
        let length = numbers.reduce(Float(0)) { $0 + $1 * $1 }.squareRoot()
        return numbers.map { $0 / length }
    }

    private func cosine(_ left: [Float], _ right: [Float]) -> Double {
        zip(left, right).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func findsWhatComparingAllPairsFinds(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        // Some bases, and copies of them with noise around the threshold.
        var vectors: [[Float]] = []
        for _ in 0..<40 {
            let base = unit((0..<Self.dimension).map { _ in Float.random(in: -1...1, using: &generator) })
            vectors.append(base)
            for noise in [0.01, 0.03, 0.035, 0.04, 0.06] as [Float] {
                vectors.append(unit(base.map { $0 + Float.random(in: -1...1, using: &generator) * noise }))
            }
        }
        vectors.shuffle(using: &generator)
        var finder = NearDuplicates(dimension: Self.dimension)
        var found = 0
        for (place, vector) in vectors.enumerated() {
            let matches = finder.compareAndKeep(vector, as: try row(place, place % 2 == 0 ? "a" : "b"), limit: 100)
            let expected = (0..<place).filter {
                $0 % 2 != place % 2 && cosine(vectors[$0], vector) >= NearDuplicates.threshold
            }
            // Within rounding of the threshold either answer is right.
            let unclear = (0..<place).filter { abs(cosine(vectors[$0], vector) - NearDuplicates.threshold) < 1e-5 }
            #expect(Set(matches.map(\.number)).symmetricDifference(expected).isSubset(of: unclear))
            #expect(matches.map(\.similarity) == matches.map(\.similarity).sorted(by: >))
            for match in matches { #expect(abs(match.similarity - cosine(vectors[match.number], vector)) < 1e-5) }
            found += matches.count
        }
        #expect(found > 50, "the vectors above are made so that there is something to find")
    }

    @Test func otherVerticalsTheSameIntentAndTheSameTextDoNotCount() throws {
        let vector = unit((0..<Self.dimension).map { Float($0 + 1) })
        var finder = NearDuplicates(dimension: Self.dimension)
        #expect(finder.compareAndKeep(vector, as: try row(1, "a", vertical: "one")).isEmpty)
        #expect(finder.compareAndKeep(vector, as: try row(2, "a", vertical: "one")).isEmpty)
        #expect(finder.compareAndKeep(vector, as: try row(3, "b", vertical: "two")).isEmpty)
        #expect(finder.compareAndKeep(vector, as: try row(4, "b", vertical: "one")).map(\.number) == [1, 2])
        let sameText = try row(5, "b", vertical: "one", text: "text 1")
        #expect(finder.compareAndKeep(vector, as: sameText).map(\.number) == [2])
    }

    @Test func keepsNoMoreThanItsCapacity() throws {
        var finder = NearDuplicates(dimension: 2, capacity: 1)
        _ = finder.compareAndKeep([1, 0], as: try row(1, "a"))
        #expect(finder.isFull)
        _ = finder.compareAndKeep([0, 1], as: try row(2, "a"))
        #expect(finder.compareAndKeep([0, 1], as: try row(3, "b")).isEmpty)
        #expect(finder.compareAndKeep([1, 0], as: try row(4, "b")).count == 1)
    }

    private func row(_ number: Int, _ path: String, vertical: String = "shop", text: String? = nil) throws
        -> RehearsalRow
    {
        RehearsalRow(
            try Exemplar(text: text ?? "text \(number)", intent: path, vertical: vertical),
            number: number
        )
    }
}
