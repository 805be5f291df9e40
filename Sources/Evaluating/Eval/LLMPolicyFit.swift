package import Core

/// The part of a policy for answers that the language model takes part in, fitted on utterances that it has scored.
///
/// A value: the same samples give the same policy. First the model's weight beside the vote and the temperature, together
/// by the likelihood of the gold intents; then the sureness that a route needs.
package struct LLMPolicyFit: Sendable {
    package private(set) var policy: LLMPolicy
    /// What was fitted by which aim and how far that was reached, for people.
    package private(set) var words: [String] = []

    /// Beside a vote of weight 1; 0 stands for "the model has nothing to say".
    private static let weights = [0, 0.25, 0.5, 1, 2, 3, 4, 6, 8]

    /// - Parameters:
    ///   - base: ids and all that is not fitted.
    ///   - samples: in scope, with the model's scores; where there is nothing to tell between candidates, `base` stays.
    package init(
        base: LLMPolicy,
        retrieval: RetrievalPolicy,
        samples: [FitSample],
        aim: PolicyFit.Aim = PolicyFit.Aim(),
    ) {
        policy = base
        policy.evidenceWeight = 1
        let fits = Self.weights.compactMap { weight -> (weight: Double, fit: TemperatureFit)? in
            var candidate = policy
            candidate.llmWeight = weight
            candidate.calibrationTemperature = 1
            let decisions = samples.map { ($0, $0.decision(under: retrieval, llm: candidate)) }
            let fit = TemperatureFit(
                decisions.map { sample, decision in sample.calibrationSample(decision) },
                minimising: .gold
            )
            return fit.map { (weight, $0) }
        }
        guard let best = fits.min(by: { $0.fit.lossAfter < $1.fit.lossAfter }) else { return }
        policy.llmWeight = best.weight
        policy.calibrationTemperature = best.fit.temperature
        words.append(
            "LLM weight \(best.weight.formatted(2)) beside a vote of 1, temperature \(best.fit.temperature.formatted(2)), "
                + "on \(samples.count) scored utterances"
        )
        let decisions = samples.map { sample in
            let decision = sample.decision(under: retrieval, llm: policy)
            return (decision: decision, isRight: sample.isRight(decision))
        }
        if let route = RouteFit(decisions, margin: policy.clarifyMargin, precision: aim.routePrecision) {
            policy.routeScore = route.threshold
            words.append("with the LLM " + route.words)
        }
    }
}
