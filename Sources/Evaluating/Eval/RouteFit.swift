internal import Core

/// The sureness that a ROUTE needs: as many routes as the aim for their precision allows or, where costs are named, so many
/// that wrong routes and questions together cost the least.
///
/// Where half of those that may be routes cannot meet the aim it is lowered by hundredths. What the margin makes a question
/// is left out of that half: it stays one whatever the threshold, so a lower aim would bring no route of it and cost
/// precision elsewhere. A route is more likely right than wrong in any case.
struct RouteFit {
    let threshold: Double
    /// For people.
    let words: String

    /// - Parameters:
    ///   - decisions: calibrated, each with whether its leader is right; those that UNKNOWN refuses left out.
    ///   - margin: CLARIFY where the second comes closer than this.
    init?(_ decisions: [(decision: Decision, isRight: Bool)], margin: Double, _ aim: PolicyFit.Aim) {
        let answers = decisions.compactMap { decision, isRight -> Measure.ScopedAnswer? in
            guard let leader = decision.candidates.first else { return nil }
            let second = decision.candidates.dropFirst().first?.sureness ?? 0
            guard leader.sureness - second >= margin else { return nil }
            return Measure.ScopedAnswer(score: leader.sureness, isOutOfScope: false, isRight: isRight)
        }
        guard let fit = Self.fit(answers, aim) else { return nil }
        threshold = max(0.5, fit.threshold)
        let routed = answers.filter { [threshold] in $0.score >= threshold }
        let share = Double(routed.count) / Double(decisions.count)
        let precision = Measure.share(routed.map(\.isRight)) ?? 0
        let reached =
            "ROUTE from probability \(threshold.formatted(2)): \(share.percent) routed, \(precision.percent) of them right"
        let precisionAim = aim.routePrecision
        if aim.costs != nil {
            words = "\(reached) (least cost)"
        } else if precision < precisionAim {
            words = "aim \(precisionAim.percent) not reachable on this data: \(reached)"
        } else {
            words = "\(reached) (aim \(precisionAim.percent))"
        }
    }

    private static func fit(_ answers: [Measure.ScopedAnswer], _ aim: PolicyFit.Aim) -> ThresholdFit? {
        if let costs = aim.costs {
            // What does not become a route is a question.
            return ThresholdFit(
                answers,
                maximising: .leastCost(wrong: costs.wrongRoute, refused: costs.question, stranger: 0)
            )
        }
        let fits = stride(from: aim.routePrecision, to: 0, by: -0.01).lazy.compactMap {
            ThresholdFit(answers, maximising: .coverage(precision: $0))
        }
        return fits.first { $0.value >= 0.5 }
    }
}
