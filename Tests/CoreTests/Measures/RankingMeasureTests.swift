import Testing

@testable import Core

@Suite struct RankingMeasureTests {
    @Test func tracesCoverageAgainstAccuracy() {
        let curve = Measure.coverageCurve(
            scores: [0.2, 0.9, 0.5, 0.5, 0.7],
            isRight: [false, true, true, false, true]
        )
        #expect(
            curve == [
                Measure.CoveragePoint(coverage: 0.2, accuracy: 1),
                Measure.CoveragePoint(coverage: 0.4, accuracy: 1),
                Measure.CoveragePoint(coverage: 0.8, accuracy: 0.75),
                Measure.CoveragePoint(coverage: 1, accuracy: 0.6),
            ]
        )
        let chosen = Measure.points([0.4, 0.5, 0.8, 1], of: curve)
        #expect(chosen.map(\.coverage) == [0.4, 0.8, 0.8, 1])
        #expect(Measure.coverageCurve(scores: [], isRight: []).isEmpty)
    }

    @Test func takesTheNearestRank() {
        let values = Array(1...20).shuffled()
        #expect(Measure.percentiles([0, 0.05, 0.5, 0.95, 0.951, 0.99, 1], of: values) == [1, 1, 10, 19, 20, 20, 20])
        #expect(Measure.percentile(0.5, of: [3]) == 3)
        #expect(Measure.percentile(0.5, of: [Double]()) == nil)
        #expect(Measure.percentile(0.5, of: [Duration.seconds(2), .seconds(1), .seconds(9)]) == .seconds(2))
    }
}

@Suite struct PairMeasureTests {
    /// Expected: scipy's two-sided `binomtest(b, b + c, 0.5)`.
    @Test(arguments: [
        (10, 3, 0.09228515625), (0, 5, 0.0625), (40, 25, 0.08168153394154003), (600, 500, 0.0028195449914364284),
        (7, 7, 1), (2_000, 2_100, 0.12206497999113655), (0, 0, 1),
    ])
    func agreesWithTheBinomialTest(onlyFirst: Int, onlySecond: Int, expected: Double) {
        let first =
            Array(repeating: true, count: onlyFirst) + Array(repeating: false, count: onlySecond) + [true, false]
        let second =
            Array(repeating: false, count: onlyFirst) + Array(repeating: true, count: onlySecond) + [true, false]
        let test = Measure.mcNemar(first: first, second: second)
        #expect(test.onlyFirst == onlyFirst && test.onlySecond == onlySecond)
        #expect(isNear(test.pValue, expected, within: 1e-9))
        #expect(Measure.mcNemar(first: second, second: first).pValue == test.pValue)
    }

    /// Expected: statsmodels' `mcnemar(exact=False, correction=True)`.
    @Test(arguments: [(10, 3, 0.0960923294556734), (40, 25, 0.08247788747320971), (600, 500, 0.0028361326556546836)])
    func approximatesAsStatsmodelsDoes(onlyFirst: Int, onlySecond: Int, expected: Double) {
        #expect(isNear(Measure.mcNemarApproximate(onlyFirst, onlySecond), expected))
    }

    /// Expected: scipy's percentile bootstrap with 200,000 resamples gives 0.062 to 0.116.
    @Test func bootstrapsPairs() throws {
        var draws = Draws(seed: 29)
        var first: [Double] = []
        var second: [Double] = []
        for _ in 0..<500 {
            let figure = draws.unit() < 0.9 ? 1.0 : 0.0
            first.append(figure)
            second.append(draws.unit() < 0.9 ? figure : 1 - figure)
        }
        let result = try #require(Measure.pairedBootstrap(first: first, second: second, seed: 5))
        #expect(isNear(result.difference, 0.088))
        #expect(isNear(result.lower, 0.062, within: 0.0041))
        #expect(isNear(result.upper, 0.116, within: 0.0041))
        #expect(isNear(result.pValue, 2.0 / 10_001))
        #expect(Measure.pairedBootstrap(first: first, second: second, seed: 5) == result)
        let turned = try #require(Measure.pairedBootstrap(first: second, second: first, seed: 5))
        #expect(turned.difference == -result.difference)
        #expect(turned.pValue == result.pValue)
    }

    @Test func findsNoDifferenceWhereThereIsNone() throws {
        let figures = (0..<50).map { Double($0 % 2) }
        let same = try #require(Measure.pairedBootstrap(first: figures, second: figures, resamples: 200, seed: 1))
        #expect(same == Measure.Bootstrap(difference: 0, lower: 0, upper: 0, pValue: 1))
        #expect(Measure.pairedBootstrap(first: [], second: [], seed: 1) == nil)
    }

    @Test func bootstrapsWhatIsNoMean() throws {
        let gold = (0..<90).map { $0 % 3 }
        let better: [Int?] = gold.indices.map { $0 % 10 == 0 ? nil : gold[$0] }
        let worse: [Int?] = gold.indices.map { $0 % 2 == 0 ? nil : gold[$0] }
        let result = try #require(
            Measure.pairedBootstrap(count: gold.count, resamples: 500, seed: 3) { drawn in
                let labels = drawn.map { gold[$0] }
                let first = Measure.macro(gold: labels, predicted: drawn.map { better[$0] })?.f1 ?? 0
                let second = Measure.macro(gold: labels, predicted: drawn.map { worse[$0] })?.f1 ?? 0
                return first - second
            }
        )
        // By hand: every class has recall 0.9 against 0.5 at precision 1, so F1 1.8 / 1.9 against 1 / 1.5.
        #expect(isNear(result.difference, 1.8 / 1.9 - 1 / 1.5))
        #expect(result.lower > 0.1 && result.upper < 0.5)
    }
}
