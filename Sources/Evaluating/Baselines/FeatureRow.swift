/// An utterance as a linear classifier reads it: the features that are not 0, and their values.
package struct FeatureRow: Sendable, Equatable {
    /// Each once, lowest first.
    package let features: [Int]
    /// As many.
    package let values: [Float]

    package init(features: [Int], values: [Float]) {
        precondition(features.count == values.count, "each feature has a value")
        self.features = features
        self.values = values
    }

    /// A vector whose every component is a feature.
    package init(_ vector: [Float]) {
        self.init(features: Array(vector.indices), values: vector)
    }
}
