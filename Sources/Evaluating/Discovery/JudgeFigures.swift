package import Core

/// How well a judge tells good clusters from bad ones.
package struct JudgeFigures: Sendable, Equatable {
    /// A judge is sure of a cluster whose probability is at least this, or at most 1 less it.
    package static let sureness = 0.9

    package var clusters: Int
    /// Share of them that is good by the labels.
    package var good: Double
    /// Nil: all of them are good, or none.
    package var auroc: Double?
    /// Of P(good), over 15 bins.
    package var ece: Double
    /// Share right at one half, of all of them.
    package var accuracy: Double
    /// Nil: it is sure of none.
    package var accuracyWhenSure: Double?
    package var shareSure: Double

    /// - Parameters:
    ///   - probabilities: P(good) of each cluster.
    ///   - isGood: what the labels say of it.
    /// - Throws: `.invalidArgument` without clusters.
    package init(probabilities: [Double], isGood: [Bool]) throws(SwitchboardError) {
        guard let ece = Measure.expectedCalibrationError(probabilities: probabilities, isRight: isGood),
            let good = Measure.share(isGood)
        else { throw .invalid("there is no cluster to judge") }
        self.ece = ece
        self.good = good
        clusters = probabilities.count
        auroc = Measure.auroc(
            positive: zip(probabilities, isGood).filter { $0.1 }.map(\.0),
            negative: zip(probabilities, isGood).filter { !$0.1 }.map(\.0)
        )
        let isRight = zip(probabilities, isGood).map { ($0 >= 0.5) == $1 }
        accuracy = Measure.share(isRight) ?? 0
        let isSure = probabilities.map { max($0, 1 - $0) >= Self.sureness }
        accuracyWhenSure = Measure.share(zip(isRight, isSure).filter { $0.1 }.map(\.0))
        shareSure = Measure.share(isSure) ?? 0
    }
}
