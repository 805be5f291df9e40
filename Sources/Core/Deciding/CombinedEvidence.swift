internal import Foundation

/// What speaks for each intent in the end: the mix of vote and class evidence and, where it was asked under a policy, the
/// language model. Shares and probabilities are made from it, and temperatures fitted on it.
package struct CombinedEvidence {
    let mix: EvidenceMix
    /// Of each intent of the mix, log of what speaks for it, up to a constant.
    let logs: [Double]
    /// Log of what speaks for all that have no entry, on the same scale; -infinity: there are none.
    package let others: Double
    /// Whether the language model's word counts.
    let isByLLM: Bool
    /// What the language model said of those that it was asked about.
    let logProbabilities: [IntentID: Double]
    /// Of probabilities, as the policy has it; nil: not calibrated.
    let temperature: Double?

    /// What is divided by the temperature: as `logs`, but what the language model finds impossible, beside the best of
    /// them, is unlikely and no more.
    package let calibratedLogs: [Double]

    /// In the order of `calibratedLogs`.
    package var intents: [IntentID] { mix.intents }

    package init(_ input: DecisionInput) {
        self.init(Vote(input.neighbours, temperature: input.retrievalPolicy.voteTemperature), input)
    }

    /// - Parameter vote: of the input's neighbours.
    init(_ vote: Vote, _ input: DecisionInput) {
        mix = EvidenceMix(vote, input.classes)
        var spoken: [IntentID: Double] = [:]
        var weights: LLMPolicy?
        if case .scored(let scores, let policy) = input.llm { (spoken, weights) = (scores, policy) }
        logProbabilities = spoken
        guard let weights, let least = spoken.values.min() else {
            isByLLM = false
            logs = mix.logs
            calibratedLogs = mix.logs
            others = mix.others
            temperature = input.retrievalPolicy.calibrationTemperature
            return
        }
        isByLLM = true
        let floor = log(EvidenceMix.shareFloor)
        // Softmax over the candidates turns the model's scores into log-probabilities among them; the constant falls out
        // of the normalisation, so the scores themselves are enough.
        let logs = mix.entries.map {
            weights.evidenceWeight * max($0.log, floor) + weights.llmWeight * (spoken[$0.intent] ?? least)
        }
        self.logs = logs
        let greatest = logs.max() ?? 0
        calibratedLogs = logs.map { max($0, greatest + floor) }
        // The model was asked among the candidates alone.
        others = -.infinity
        temperature = weights.calibrationTemperature
    }
}
