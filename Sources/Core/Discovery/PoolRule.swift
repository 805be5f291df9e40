/// Which answers leave an utterance unexplained, so that it belongs into the pool.
package struct PoolRule: Sendable, Hashable {
    /// Half: beneath it the answer is more likely wrong than right.
    package static let usualProbability = 0.5

    /// A ROUTE of a lower calibrated probability explains nothing, 0 to 1. Where nothing is calibrated each ROUTE does.
    package var lowProbability: Double

    /// - Throws: `.invalidArgument` for what is no probability.
    package init(lowProbability: Double) throws(SwitchboardError) {
        guard (0...1).contains(lowProbability) else {
            throw .invalid(
                "the probability below which a routed utterance goes into the pool is 0 to 1, not \(lowProbability)"
            )
        }
        self.lowProbability = lowProbability
    }

    package init() {
        lowProbability = Self.usualProbability
    }

    /// - Returns: nil: the answer explains it.
    package func reason(_ outcome: Outcome, probability: Double?, by decidedBy: DecidedBy) -> PoolReason? {
        switch outcome {
        case .unknown: return .unknown
        case .clarify: return .clarify
        case .route:
            guard decidedBy != .exact, let probability, probability < lowProbability else { return nil }
            return .unsure
        }
    }
}
