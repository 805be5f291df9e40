internal import Core
internal import Foundation

/// A fitted logistic regression with calibrated probabilities: P = logistic((bias + sum of weight x (value - mean) /
/// deviation) / temperature). Written to JSON as it stands.
package struct LogisticFit: Sendable, Hashable, Codable {
    /// Names of the values, in the order of the other arrays.
    package var features: [String]
    package var means: [Double]
    package var deviations: [Double]
    package var weights: [Double]
    package var bias: Double
    package var temperature: Double

    package init(
        features: [String],
        means: [Double],
        deviations: [Double],
        weights: [Double],
        bias: Double,
        temperature: Double = 1,
    ) {
        self.features = features
        self.means = means
        self.deviations = deviations
        self.weights = weights
        self.bias = bias
        self.temperature = temperature
    }

    /// The calibrated logit. Values farther from the mean than any that was fitted on count as the farthest.
    ///
    /// - Parameter values: in the order of `features`.
    package func logit(_ values: [Double]) -> Double {
        precondition(values.count == weights.count, "a value a feature")
        var sum = bias
        for place in weights.indices {
            let standardised = (values[place] - means[place]) / deviations[place]
            sum += weights[place] * min(max(standardised, -Self.farthest), Self.farthest)
        }
        return sum / temperature
    }

    package func probability(_ values: [Double]) -> Double { logistic(logit(values)) }

    /// Standard deviations beyond which a value says no more.
    private static let farthest = 4.0

    /// - Parameter known: names that `features` may have.
    /// - Throws: `.invalidArgument` where the arrays do not fit together, a number is none or a name is not known.
    func check(_ name: String, known: [String]) throws(SwitchboardError) {
        guard !features.isEmpty, features.count == means.count, features.count == deviations.count,
            features.count == weights.count
        else {
            throw .invalid(
                "'\(name)' has \(features.count) features, \(means.count) means, \(deviations.count) deviations and "
                    + "\(weights.count) weights; as many of each are accepted, at least 1"
            )
        }
        for feature in features where !known.contains(feature) {
            throw .invalid("'\(feature)' in '\(name)' is no feature; \(known.joined(separator: ", ")) are accepted")
        }
        guard (means + weights + [bias]).allSatisfy(\.isFinite), deviations.allSatisfy({ $0.isFinite && $0 > 0 }),
            temperature.isFinite, temperature > 0
        else {
            throw .invalid("'\(name)' holds a number that is none, or a deviation or temperature that is not above 0")
        }
    }
}
