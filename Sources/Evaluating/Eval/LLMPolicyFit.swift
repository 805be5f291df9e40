package import Core

/// The part of a policy for answers that the language model takes part in, fitted on utterances that it has scored.
///
/// A value: the same samples give the same policy. First the model's weight beside the other evidence and the temperature,
/// together by the likelihood of the gold intents; then from which share of the leader on it is not asked; then the
/// sureness that a route needs.
package struct LLMPolicyFit: Sendable {
    package private(set) var policy: LLMPolicy
    /// What was fitted by which aim and how far that was reached, for people.
    package private(set) var words: [String] = []

    /// Beside the other evidence with weight 1; 0 stands for "the model has nothing to say".
    private static let weights = [0, 0.25, 0.5, 1, 2, 3, 4, 6, 8]

    /// A leader with a larger share than this is right but for one in some hundred, and the model not asked.
    private static let sureShare = 0.99
    private static let skipShares = [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.97, sureShare]
    /// What skipping may cost: this share of the unsure utterances.
    private static let skipLoss = 0.002

    /// Whether the model's word on an utterance is worth fitting on: the others it is not asked of.
    static func isUnsure(_ decision: Decision) -> Bool {
        decision.candidates.count > 1 && decision.candidates[0].score < sureShare
    }

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
            let fit = TemperatureFit(
                samples.map { [candidate] in $0.calibrationSample(under: retrieval, llm: candidate) },
                minimising: .gold
            )
            return fit.map { (weight, $0) }
        }
        guard let best = fits.min(by: { $0.fit.lossAfter < $1.fit.lossAfter }) else { return }
        policy.llmWeight = best.weight
        policy.calibrationTemperature = best.fit.temperature
        words.append(
            "LLM weight \(best.weight.formatted(2)) beside the other evidence, temperature \(best.fit.temperature.formatted(2)), "
                + "on \(samples.count) scored utterances"
        )
        skip(samples, beside: retrieval)
        let decisions = samples.map { sample in
            let decision = sample.decision(under: retrieval, llm: policy)
            return (decision: decision, isRight: sample.isRight(decision))
        }
        if let route = RouteFit(decisions, margin: policy.clarifyMargin, aim) {
            policy.routeScore = route.threshold
            words.append("with the LLM " + route.words)
        }
    }

    /// The smallest share of the leader from which on asking gains next to nothing: in expectation, since of some
    /// hundred utterances chance makes more right or wrong than the model does.
    private mutating func skip(_ samples: [FitSample], beside retrieval: RetrievalPolicy) {
        let judged = samples.map { sample in
            let without = sample.decision(under: retrieval).candidates.first
            let with = sample.decision(under: retrieval, llm: policy).candidates
            let stays = with.first { $0.intent == without?.intent }
            return (share: without?.score ?? 0, gain: (with.first?.probability ?? 0) - (stays?.probability ?? 0))
        }
        func lost(skippingFrom share: Double) -> Double {
            judged.reduce(0) { $0 + ($1.share >= share ? $1.gain : 0) }
        }
        let most = Self.skipLoss * Double(judged.count)
        guard let share = Self.skipShares.first(where: { lost(skippingFrom: $0) <= most }) else { return }
        policy.skipShare = share
        let asked = Double(judged.count { $0.share < share }) / Double(max(judged.count, 1))
        words.append(
            "the LLM is asked below a share of \(share.formatted(2)): \(asked.percent) of the unsure utterances"
        )
    }
}
