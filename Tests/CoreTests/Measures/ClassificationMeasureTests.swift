import Testing

@testable import Core

/// Whole numbers and fractions from a seed, the same as in the Python that computed the expected figures.
struct Draws {
    private var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    mutating func below(_ bound: UInt64) -> Int { Int(random.next() % bound) }
    mutating func unit() -> Double { Double(random.next() >> 11) * 0x1p-53 }
}

func isNear(_ value: Double?, _ expected: Double, within tolerance: Double = 1e-12) -> Bool {
    value.map { abs($0 - expected) <= tolerance } ?? false
}

@Suite struct ClassificationMeasureTests {
    @Test func drawsThePublishedNumbers() {
        var random = SeededGenerator(seed: 1)
        #expect(random.next() == 0x910A_2DEC_8902_5CC1)
        #expect(random.next() == 0xBEEB_8DA1_658E_EC67)
    }

    @Test func countsAMissingPredictionAsWrong() {
        #expect(Measure.accuracy(gold: ["a", "b", "c", "a"], predicted: ["a", "a", nil, "a"]) == 0.5)
        #expect(Measure.accuracy(gold: [String](), predicted: []) == nil)
    }

    /// By hand. a: gold 3, predicted 3, right 2. b: gold 2, predicted 1, right 1. c: gold 1, never predicted. "x" is no
    /// gold class.
    @Test func averagesOverGoldClassesByHand() throws {
        let macro = try #require(
            Measure.macro(gold: ["a", "a", "a", "b", "b", "c"], predicted: ["a", "a", "x", "b", "a", nil])
        )
        #expect(isNear(macro.precision, (2.0 / 3 + 1 + 0) / 3))
        #expect(isNear(macro.recall, (2.0 / 3 + 1.0 / 2 + 0) / 3))
        #expect(isNear(macro.f1, (4.0 / 6 + 2.0 / 3 + 0) / 3))
        #expect(macro.classes == 3)
        #expect(Measure.macro(gold: [Int](), predicted: []) == nil)
    }

    /// Expected: scikit-learn with `average="macro", labels=sorted(set(gold)), zero_division=0`.
    @Test func agreesWithScikitLearn() throws {
        var draws = Draws(seed: 7)
        var gold: [Int] = []
        var predicted: [Int?] = []
        for _ in 0..<600 {
            let label = draws.below(12)
            gold.append(label)
            predicted.append(draws.unit() < 0.7 ? label : draws.below(15))
        }
        let macro = try #require(Measure.macro(gold: gold, predicted: predicted))
        #expect(isNear(macro.precision, 0.8018466094905284))
        #expect(isNear(macro.recall, 0.7523325868104503))
        #expect(isNear(macro.f1, 0.774299975938815))
        #expect(isNear(Measure.accuracy(gold: gold, predicted: predicted), 0.7516666666666667))
    }

    @Test func measuresEachLevelOfTheHierarchy() throws {
        let gold = try ["a/b/c", "a/b", "d", "a/e/c"].map { written throws in try IntentPath(written) }
        let predicted = try ["a/b/x", "a/b/c", "a", "a"].map { written throws in try IntentPath(written) }
        #expect(
            Measure.accuracyByDepth(gold: gold, predicted: predicted) == [
                Measure.Level(depth: 1, count: 4, accuracy: 0.75),
                Measure.Level(depth: 2, count: 3, accuracy: 2.0 / 3),
                Measure.Level(depth: 3, count: 2, accuracy: 0),
            ]
        )
        let none = Measure.accuracyByDepth(gold: gold, predicted: [nil, nil, nil, nil])
        #expect(none.map(\.accuracy) == [0, 0, 0])
        #expect(Measure.accuracyByDepth(gold: [], predicted: []).isEmpty)
    }

    @Test(arguments: [(1, 1.0 / 3), (2, 2.0 / 3), (3, 2.0 / 3), (9, 1.0)])
    func recallsAmongTheNearest(k: Int, expected: Double) {
        let retrieved = [["a", "b", "b"], ["c", "b", "a"], ["x", "y", "z", "c"]]
        #expect(Measure.recall(atK: k, gold: ["a", "b", "c"], retrieved: retrieved) == expected)
    }
}
