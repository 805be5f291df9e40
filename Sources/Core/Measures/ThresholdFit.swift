/// The score below which an answer is UNKNOWN, fitted on held-out utterances by a stated objective.
///
/// A value. Every cut between two different scores is tried, so the fit is exact; of equally good cuts the lowest, which
/// refuses the fewest.
package struct ThresholdFit: Sendable, Equatable {
    /// What the fit maximises.
    package enum Objective: Sendable, Hashable {
        /// The mean of in-scope accuracy and out-of-scope recall.
        case balanced
        /// The share of all utterances that are treated right: answered rightly, or refused out of scope.
        case overallAccuracy
        /// F1 of out-of-scope.
        case outOfScopeF1
        /// The number of answers, so long as at least this share of them is right (an answer out of scope is wrong).
        case coverage(precision: Double)
        /// The least cost: the mean over what is in scope and the mean over what is not, added up. What is answered rightly,
        /// or refused out of scope, costs nothing.
        case leastCost(wrong: Double, refused: Double, stranger: Double)
    }

    /// Refused is what scores below it: halfway between two scores, the lowest one where nothing is to be refused.
    package let threshold: Double
    /// The objective's value; of `.coverage` the share of utterances that are answered; of `.leastCost` the cost below 0.
    package let value: Double
    /// What the threshold gives on the answers that it was fitted on.
    package let measures: Measure.OutOfScope

    /// - Returns: nil where the objective cannot be measured: no answers; for all but `.coverage` and `.leastCost`, none out
    ///   of scope; for `.balanced` none in scope; for `.coverage`, no threshold reaches the precision.
    package init?(_ answers: [Measure.ScopedAnswer], maximising objective: Objective) {
        let sorted = answers.sorted { $0.score < $1.score }
        var counts = ScopeCounts()
        for answer in sorted { counts.add(answer) }
        var best: (threshold: Double, value: Double, counts: ScopeCounts)?
        func consider(_ threshold: Double) {
            guard let value = Self.value(of: counts, objective) else { return }
            if best.map({ value > $0.value }) ?? true { best = (threshold, value, counts) }
        }
        if let lowest = sorted.first { consider(lowest.score) }
        for (place, answer) in sorted.enumerated() {
            counts.refuse(answer)
            let next = place + 1 < sorted.count ? sorted[place + 1].score : .infinity
            guard next > answer.score else { continue }
            // Halfway may round to the lower score, which would then not be refused.
            let halfway = next < .infinity ? answer.score + (next - answer.score) / 2 : answer.score.nextUp
            consider(max(halfway, answer.score.nextUp))
        }
        guard let best else { return nil }
        threshold = best.threshold
        value = best.value
        measures = best.counts.measures
    }

    private static func value(of counts: ScopeCounts, _ objective: Objective) -> Double? {
        let measures = counts.measures
        let all = counts.inScope + counts.outOfScope
        switch objective {
        case .balanced:
            guard let accuracy = measures.inScopeAccuracy, let recall = measures.recall else { return nil }
            return (accuracy + recall) / 2
        case .overallAccuracy:
            guard counts.outOfScope > 0 else { return nil }
            return Double(counts.right + counts.refusedOutOfScope) / Double(all)
        case .outOfScopeF1:
            guard counts.outOfScope > 0 else { return nil }
            return measures.f1
        case .coverage(let precision):
            let answered = all - measures.refused
            guard answered > 0, Double(counts.right) >= precision * Double(answered) else { return nil }
            return Double(answered) / Double(all)
        case .leastCost(let wrong, let refused, let stranger):
            let wrongly = counts.inScope - counts.refusedInScope - counts.right
            let missed = counts.outOfScope - counts.refusedOutOfScope
            let inScope = wrong * Double(wrongly) + refused * Double(counts.refusedInScope)
            return
                -(inScope / Double(max(counts.inScope, 1)) + stranger * Double(missed)
                / Double(max(counts.outOfScope, 1)))
        }
    }
}
