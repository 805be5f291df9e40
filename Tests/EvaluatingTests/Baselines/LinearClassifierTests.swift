import Core
import Foundation
import Testing

@testable import Evaluating

struct LinearClassifierTests {
    private static let diagonal = Float(0.5).squareRoot()
    /// Three sectors of a circle.
    private static let points: [[Float]] = [
        [1, 0], [diagonal, diagonal], [0, 1], [-diagonal, diagonal], [-1, 0],
    ]
    private static let rows = points.flatMap { Array(repeating: FeatureRow($0), count: 4) }
    private static let labels = [0, 0, 1, 2, 2].flatMap { Array(repeating: $0, count: 4) }

    @Test func separatesWhatCanBeSeparated() {
        let classifier = LinearClassifier(
            rows: Self.rows,
            labels: Self.labels,
            classes: 3,
            features: 2,
            settings: .init(strength: 0.01)
        )
        for (row, label) in zip(Self.rows, Self.labels) {
            let probabilities = classifier.probabilities(of: row)
            #expect(probabilities[label] > 0.8)
            #expect(abs(probabilities.reduce(0, +) - 1) < 1e-5)
        }
    }

    /// Where it ends the objective has no slope: mean (p - y) x + strength / n x weights = 0, and mean (p - y) = 0.
    @Test func endsAtTheMinimumOfItsObjective() {
        let points: [[Float]] = [[1, 0], [1, 0], [1, 0], [0, 1], [0, 1], [0, 1]]
        let rows = points.map { FeatureRow($0) }
        let labels = [0, 0, 1, 1, 1, 0]
        let classifier = LinearClassifier(
            rows: rows,
            labels: labels,
            classes: 2,
            features: 2,
            settings: .init(strength: 0.5, epochs: 1_000)
        )
        for label in 0..<2 {
            var slope = [Double](repeating: 0, count: 3)
            for (row, gold) in zip(rows, labels) {
                let error = Double(classifier.probabilities(of: row)[label]) - (label == gold ? 1 : 0)
                for (feature, value) in zip(row.features, row.values) { slope[feature] += error * Double(value) / 6 }
                slope[2] += error / 6
            }
            for feature in 0..<2 {
                slope[feature] += 0.5 / 6 * Double(classifier.weights[2 * feature + label])
            }
            #expect(slope.allSatisfy { abs($0) < 2e-3 })
        }
        // The penalty holds the weights back: without it they would be ln 2 apart.
        let gap = Double(classifier.weights[0] - classifier.weights[1])
        #expect(gap > 0.4 && gap < log(2))
    }

    @Test func sparseAndDenseRowsMeanTheSame() {
        let sparse = [0, 1].map { FeatureRow(features: [$0], values: [1]) }
        let dense = [FeatureRow([1, 0]), FeatureRow([0, 1])]
        func classifier(_ rows: [FeatureRow]) -> LinearClassifier {
            LinearClassifier(rows: rows, labels: [0, 1], classes: 2, features: 2, settings: .init(strength: 0.1))
        }
        #expect(classifier(sparse).weights == classifier(dense).weights)
        // Without features there is only how frequent the classes are.
        let prior = classifier(sparse).probabilities(of: FeatureRow(features: [], values: []))
        #expect(prior.allSatisfy { abs($0 - 0.5) < 0.3 })
    }

    @Test func theSameSeedGivesTheSameWeights() {
        func weights(_ seed: UInt64) -> [Float] {
            LinearClassifier(
                rows: Self.rows,
                labels: Self.labels,
                classes: 3,
                features: 2,
                settings: .init(strength: 0.1, epochs: 3, seed: seed)
            ).weights
        }
        #expect(weights(1) == weights(1))
        #expect(weights(1) != weights(2))
    }

    @Test func aPenaltyBeyondMeasureLeavesFiniteWeights() {
        let classifier = LinearClassifier(
            rows: Self.rows,
            labels: Self.labels,
            classes: 3,
            features: 2,
            settings: .init(strength: 1e9)
        )
        #expect(classifier.weights.allSatisfy { $0.isFinite && abs($0) < 1e-3 })
    }
}

struct IntentClassifierTests {
    private func examples(_ count: Int) throws -> [IntentClassifier.Example] {
        let (left, right) = (try Samples.intent("left"), try Samples.intent("right"))
        return (0..<count).map { place in
            place.isMultiple(of: 2)
                ? .init(row: FeatureRow([1, 0]), gold: left) : .init(row: FeatureRow([0, 1]), gold: right)
        }
    }

    @Test func takesThePenaltyThatIsRightMostOften() throws {
        // Under the first nothing is learnt, and every answer is the same.
        let classifier = IntentClassifier(
            train: try examples(20),
            valid: try examples(10),
            learnsValid: true,
            features: 2,
            settings: .init(strengths: [1e9, 0.01])
        )
        #expect(classifier.strength == 0.01)
        #expect(classifier.trainedOn == 30)
        #expect(classifier.intents == [try Samples.intent("left"), try Samples.intent("right")])
        let answer = classifier.answer(to: FeatureRow([0, 1]))
        #expect(answer.intent == (try Samples.intent("right")))
        #expect(answer.probability > 0.9)
    }

    @Test func ofEquallyGoodPenaltiesTheStrongestStays() throws {
        let classifier = IntentClassifier(
            train: try examples(20),
            valid: try examples(10),
            learnsValid: false,
            features: 2,
            settings: .init(strengths: [0.01, 0.1])
        )
        #expect(classifier.strength == 0.1)
        #expect(classifier.trainedOn == 20)
    }

    @Test(arguments: [1, 4, 25]) func withoutValidationDataAPartIsHeldOut(count: Int) throws {
        let classifier = IntentClassifier(
            train: try examples(count),
            valid: [],
            learnsValid: true,
            features: 2,
            settings: .init(strengths: [0.1, 0.03, 0.01])
        )
        #expect(classifier.trainedOn == count)
        #expect([0.1, 0.03, 0.01].contains(classifier.strength))
        #expect(classifier.answer(to: FeatureRow([1, 0])).intent == (try Samples.intent("left")))
    }
}
