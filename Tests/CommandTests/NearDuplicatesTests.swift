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
        var generator = SplitMix(state: seed)
        let shop = try Vertical("shop")
        let paths = [try IntentPath("a"), try IntentPath("b")]
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
            let path = paths[place % 2]
            let matches = finder.compareAndKeep(vector, number: place, vertical: shop, path: path, limit: 100)
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

    @Test func otherVerticalsAndTheSameIntentDoNotCount() throws {
        let vector = unit((0..<Self.dimension).map { Float($0 + 1) })
        let path = try IntentPath("a")
        var finder = NearDuplicates(dimension: Self.dimension)
        #expect(finder.compareAndKeep(vector, number: 1, vertical: try Vertical("one"), path: path).isEmpty)
        #expect(finder.compareAndKeep(vector, number: 2, vertical: try Vertical("one"), path: path).isEmpty)
        #expect(
            finder.compareAndKeep(vector, number: 3, vertical: try Vertical("two"), path: try IntentPath("b")).isEmpty
        )
        let matches = finder.compareAndKeep(
            vector,
            number: 4,
            vertical: try Vertical("one"),
            path: try IntentPath("b")
        )
        #expect(matches.map(\.number) == [1, 2])
    }

    @Test func keepsNoMoreThanItsCapacity() throws {
        var finder = NearDuplicates(dimension: 2, capacity: 1)
        let (one, other) = (try IntentPath("a"), try IntentPath("b"))
        _ = finder.compareAndKeep([1, 0], number: 1, vertical: .default, path: one)
        #expect(finder.isFull)
        _ = finder.compareAndKeep([0, 1], number: 2, vertical: .default, path: one)
        #expect(finder.compareAndKeep([0, 1], number: 3, vertical: .default, path: other).isEmpty)
        #expect(finder.compareAndKeep([1, 0], number: 4, vertical: .default, path: other).count == 1)
    }
}

/// Small generator with a seed, so that a failure can be had again.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
