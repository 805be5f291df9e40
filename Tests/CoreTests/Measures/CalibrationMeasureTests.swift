import Foundation
import Testing

@testable import Core

@Suite struct CalibrationMeasureTests {
    /// By hand, with two bins. (0, 0.5]: 0.5 right, 0.3 wrong: gap |1 - 0.8|. (0.5, 1]: 0.9 and 0.7 right: |2 - 1.6|.
    @Test func weighsTheGapsOfTheBins() {
        let error = Measure.expectedCalibrationError(
            probabilities: [0.5, 0.3, 0.9, 0.7],
            isRight: [true, false, true, true],
            bins: 2
        )
        #expect(isNear(error, (0.2 + 0.4) / 4))
    }

    @Test func isZeroWhereSurenessIsKept() {
        let probabilities = [Double](repeating: 0.75, count: 4) + [0, 1]
        #expect(
            isNear(
                Measure.expectedCalibrationError(
                    probabilities: probabilities,
                    isRight: [true, true, true, false, false, true]
                ),
                0
            )
        )
        #expect(Measure.expectedCalibrationError(probabilities: [], isRight: []) == nil)
    }

    /// Expected: numpy, bins ((m - 1) / 15, m / 15].
    @Test func agreesWithNumpy() {
        var draws = Draws(seed: 17)
        var probabilities: [Double] = []
        var isRight: [Bool] = []
        for _ in 0..<1_000 {
            let probability = draws.unit()
            probabilities.append(probability)
            isRight.append(draws.unit() < probability * probability)
        }
        #expect(
            isNear(
                Measure.expectedCalibrationError(probabilities: probabilities, isRight: isRight),
                0.14602760179066468
            )
        )
    }

    @Test func reliabilityHasTheBinsThatHoldAnswers() {
        let bins = Measure.reliability(
            probabilities: [0.05, 0.15, 0.95, 0.9375, 0],
            isRight: [false, true, true, false, false],
            bins: 10
        )
        #expect(bins.map(\.count) == [2, 1, 2])
        #expect(bins.map(\.accuracy) == [0, 1, 0.5])
        #expect(isNear(bins[0].probability, 0.025) && isNear(bins[2].probability, 0.94375))
        #expect(Measure.reliability(probabilities: [], isRight: []).isEmpty)
    }

    /// The calibration error is the mean gap of the diagram's bins.
    @Test func reliabilityAgreesWithTheCalibrationError() {
        var draws = Draws(seed: 5)
        let probabilities = (0..<300).map { _ in draws.unit() }
        let isRight = probabilities.map { _ in draws.unit() < 0.5 }
        let bins = Measure.reliability(probabilities: probabilities, isRight: isRight)
        let gap = bins.reduce(0) { $0 + Double($1.count) * abs($1.accuracy - $1.probability) } / 300
        #expect(isNear(Measure.expectedCalibrationError(probabilities: probabilities, isRight: isRight), gap))
    }

    @Test func softensByTheTemperature() {
        let cold = Measure.softmax([log(0.8), log(0.2)])
        #expect(isNear(cold[0], 0.8) && isNear(cold[1], 0.2))
        // At temperature 2 the odds of 4 become 2.
        let warm = Measure.softmax([log(0.8), log(0.2)], temperature: 2)
        #expect(isNear(warm[0], 2.0 / 3) && isNear(warm[1], 1.0 / 3))
        #expect(Measure.softmax([-1e300, 0, -.infinity]) == [0, 1, 0])
        #expect(Measure.softmax([-.infinity, -.infinity]) == [0.5, 0.5])
        #expect(Measure.softmax([]).isEmpty)
    }
}

@Suite struct TemperatureFitTests {
    /// 400 utterances of five candidates whose true temperature is 2.5; one in ten has its gold label elsewhere.
    private static let samples: [TemperatureFit.Sample] = {
        var draws = Draws(seed: 19)
        return (0..<400).map { _ in
            let scores = (0..<5).map { _ in 6 * draws.unit() }
            let probabilities = Measure.softmax(scores, temperature: 2.5)
            var left = draws.unit()
            var gold = 0
            while gold < 4, left > probabilities[gold] {
                left -= probabilities[gold]
                gold += 1
            }
            return TemperatureFit.Sample(logScores: scores, gold: draws.unit() < 0.9 ? gold : nil)
        }
    }()

    /// Expected: scipy's `minimize_scalar(method="bounded")` on the same loss.
    @Test func agreesWithScipy() throws {
        let gold = try #require(TemperatureFit(Self.samples, minimising: .gold))
        #expect(isNear(gold.temperature, 2.6223286547951306, within: 1e-5))
        #expect(isNear(gold.lossBefore, 1.723163838695596))
        #expect(isNear(gold.lossAfter, 1.4551607874500507))
        #expect(gold.count == 364)
        let leader = try #require(TemperatureFit(Self.samples, minimising: .leader))
        #expect(isNear(leader.temperature, 3.1332043635981632, within: 1e-5))
        #expect(isNear(leader.lossBefore, 0.8361390213487765))
        #expect(isNear(leader.lossAfter, 0.6489519055128611))
        #expect(leader.count == 400)
    }

    @Test func lowersTheCalibrationError() throws {
        let fit = try #require(TemperatureFit(Self.samples))
        func error(_ temperature: Double) -> Double? {
            let leaders = Self.samples.map { sample in
                let probabilities = Measure.softmax(sample.logScores, temperature: temperature)
                let leader = probabilities.indices.max { probabilities[$0] < probabilities[$1] } ?? 0
                return (probability: probabilities[leader], isRight: sample.gold == leader)
            }
            return Measure.expectedCalibrationError(
                probabilities: leaders.map(\.probability),
                isRight: leaders.map(\.isRight)
            )
        }
        #expect(try #require(error(fit.temperature)) < 0.5 * (try #require(error(1))))
    }

    @Test func staysWithinItsRange() throws {
        let right = TemperatureFit.Sample(logScores: [0, -1], gold: 0)
        let wrong = TemperatureFit.Sample(logScores: [0, -1], gold: 1)
        for loss in [TemperatureFit.Loss.gold, .leader] {
            let sure = try #require(TemperatureFit([right, right], minimising: loss))
            #expect(isNear(sure.temperature, TemperatureFit.range.lowerBound, within: 0.01))
            let doubtful = try #require(TemperatureFit([wrong, wrong, right], minimising: loss))
            #expect(doubtful.temperature > 19)
        }
    }

    @Test func needsSomethingToTellApart() {
        #expect(TemperatureFit([]) == nil)
        #expect(TemperatureFit([TemperatureFit.Sample(logScores: [-1], gold: 0)]) == nil)
        #expect(TemperatureFit([TemperatureFit.Sample(logScores: [-1, -.infinity], gold: 0)]) == nil)
        let outside = TemperatureFit.Sample(logScores: [-1, -2], gold: nil)
        #expect(TemperatureFit([outside], minimising: .gold) == nil)
        let hopeless = TemperatureFit.Sample(logScores: [-1, -.infinity, -3], gold: 1)
        #expect(TemperatureFit([hopeless], minimising: .gold) == nil)
        #expect(TemperatureFit([hopeless], minimising: .leader)?.lossAfter.isFinite == true)
    }
}
