internal import Core
internal import Foundation

/// Multinomial logistic regression with an L2 penalty, trained by stochastic gradient descent (Bottou 2012, "Stochastic
/// Gradient Descent Tricks"): over words a linear baseline, over an encoder's vectors a classifier head.
///
/// Minimises mean(-log p(label)) + strength / (2 n) x |weights|^2 over n rows; biases are free. Rows should have unit
/// length, which the rate is made for. A value: the same rows, labels and settings give the same classifier.
package struct LinearClassifier: Sendable {
    package struct Settings: Sendable {
        /// Of the penalty.
        package var strength: Double
        /// How often each row is seen.
        package var epochs: Int
        /// Of the first step; later ones have rate / (1 + rate x strength / n x step). A row of unit length and its
        /// bias allow up to 2.
        package var rate: Double
        /// Chooses the order of the rows.
        package var seed: UInt64

        package init(strength: Double, epochs: Int = 30, rate: Double = 1, seed: UInt64 = 1) {
            self.strength = strength
            self.epochs = epochs
            self.rate = rate
            self.seed = seed
        }
    }

    package let classes: Int
    package let features: Int
    /// Of the first feature for each class, then of the second.
    private(set) var weights: [Float]
    private(set) var biases: [Float]

    /// - Parameters:
    ///   - labels: as many as rows, each below `classes`.
    ///   - features: the rows' are below it.
    package init(rows: [FeatureRow], labels: [Int], classes: Int, features: Int, settings: Settings) {
        precondition(rows.count == labels.count, "each row has a label")
        precondition(labels.allSatisfy { (0..<classes).contains($0) }, "each label is one of the classes")
        self.classes = classes
        self.features = features
        weights = [Float](repeating: 0, count: features * classes)
        biases = [Float](repeating: 0, count: classes)
        guard !rows.isEmpty else { return }
        train(rows, labels, settings)
    }

    /// Of each class; all sum to 1.
    package func probabilities(of row: FeatureRow) -> [Float] {
        var scores = biases
        Self.add(row, times: weights, scaledBy: 1, to: &scores)
        Self.softmax(&scores)
        return scores
    }

    private mutating func train(_ rows: [FeatureRow], _ labels: [Int], _ settings: Settings) {
        let decay = settings.strength / Double(rows.count)
        // The weights are `scale` times what is stored, so the penalty's step is one product and not one a weight
        // (Bottou 2012, section 5.1).
        var scale = 1.0
        var step = 0.0
        var errors = biases
        var order = Array(rows.indices)
        var random = SeededGenerator(seed: settings.seed)
        for _ in 0..<settings.epochs {
            order.shuffle(using: &random)
            for place in order {
                // Few rows under a strong penalty: no step takes more than half of a weight.
                let rate = min(settings.rate / (1 + settings.rate * decay * step), 0.5 / max(decay, 1e-12))
                for label in 0..<classes { errors[label] = biases[label] }
                Self.add(rows[place], times: weights, scaledBy: Float(scale), to: &errors)
                Self.softmax(&errors)
                errors[labels[place]] -= 1
                scale *= 1 - rate * decay
                Self.add(errors, times: rows[place], scaledBy: Float(-rate / scale), to: &weights)
                for label in 0..<classes { biases[label] -= Float(rate) * errors[label] }
                step += 1
                if scale < 1e-3 { fold(&scale) }
            }
        }
        fold(&scale)
    }

    private mutating func fold(_ scale: inout Double) {
        let factor = Float(scale)
        for place in weights.indices { weights[place] *= factor }
        scale = 1
    }

    // The two loops below take nearly all of the time. Pointers keep them free of checks, since the arrays' own lengths
    // are checked once a feature.

    private static func add(
        _ row: FeatureRow,
        times weights: [Float],
        scaledBy scale: Float,
        to scores: inout [Float],
    ) {
        weights.withUnsafeBufferPointer { weights in
            scores.withUnsafeMutableBufferPointer { scores in
                let classes = scores.count
                for place in row.features.indices {
                    let first = row.features[place] * classes
                    precondition(first >= 0 && first + classes <= weights.count, "a row has known features only")
                    let factor = scale * row.values[place]
                    let column = UnsafeBufferPointer(rebasing: weights[first..<first + classes])
                    for label in 0..<classes { scores[label] += factor * column[label] }
                }
            }
        }
    }

    private static func add(
        _ errors: [Float],
        times row: FeatureRow,
        scaledBy scale: Float,
        to weights: inout [Float],
    ) {
        weights.withUnsafeMutableBufferPointer { weights in
            errors.withUnsafeBufferPointer { errors in
                let classes = errors.count
                for place in row.features.indices {
                    let first = row.features[place] * classes
                    precondition(first >= 0 && first + classes <= weights.count, "a row has known features only")
                    let factor = scale * row.values[place]
                    let column = UnsafeMutableBufferPointer(rebasing: weights[first..<first + classes])
                    for label in 0..<classes { column[label] += factor * errors[label] }
                }
            }
        }
    }

    private static func softmax(_ scores: inout [Float]) {
        let greatest = scores.max() ?? 0
        var total: Float = 0
        for place in scores.indices {
            scores[place] = exp(scores[place] - greatest)
            total += scores[place]
        }
        for place in scores.indices { scores[place] /= total }
    }
}
