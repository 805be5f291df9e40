package import Core
internal import Foundation
internal import Wire

/// One utterance with all that a decision on it is made from, its own exemplar left out: what a policy is fitted on.
package struct FitSample: Sendable {
    package var input: DecisionInput
    /// Nil: out of scope.
    package var gold: NamedIntent?
    /// The leading intents' own nearest exemplars, nearest first, where they were asked for.
    package var shown: [Neighbour]

    package init(input: DecisionInput, gold: NamedIntent?, shown: [Neighbour] = []) {
        self.input = input
        self.gold = gold
        self.shown = shown
    }

    init(_ response: RetrieveResponse, gold: NamedIntent?) {
        // No equal exemplars: the utterance itself is left out, and what equals it says nothing of the others.
        let input = DecisionInput(
            neighbours: response.neighbours,
            equal: [],
            intents: Dictionary(response.intents.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first }),
            retrievalPolicy: .builtin,
            classes: response.classes,
        )
        self.init(input: input, gold: gold, shown: response.shown)
    }

    /// What an answer under a policy is made from. More intents are told of here than a node tells a gateway, so that
    /// other weights can be tried on them.
    private func input(under policy: RetrievalPolicy) -> DecisionInput {
        var input = input
        input.retrievalPolicy = policy
        if let weights = policy.classWeights { input.classes?.weights = weights }
        input.classes = input.classes?.listing(
            ClassEvidence.usualFigures,
            including: Set(input.neighbours.map(\.intent))
        )
        return input
    }

    /// What UNKNOWN is decided by; nil where nothing was retrieved.
    func familiarity(under policy: RetrievalPolicy) -> Double? {
        var input = input
        input.retrievalPolicy = policy
        return input.familiarity
    }

    /// What would be answered under a policy.
    func decision(under policy: RetrievalPolicy) -> Decision { Decision(input(under: policy)) }

    /// The intent that would lead under a policy, without the rest of a decision.
    func leader(under policy: RetrievalPolicy) -> IntentID? {
        var classes = input.classes
        if let weights = policy.classWeights { classes?.weights = weights }
        return EvidenceMix(Vote(input.neighbours, temperature: policy.voteTemperature), classes).leader
    }

    /// What would be answered if the language model's scores counted; without scores the vote and class evidence alone.
    func decision(under policy: RetrievalPolicy, llm: LLMPolicy) -> Decision {
        var input = input(under: policy)
        if case .scored(let scores, _) = input.llm { input.llm = .scored(scores, policy: llm) }
        return Decision(input)
    }

    /// What a temperature is fitted on for answers without the language model.
    func calibrationSample(under policy: RetrievalPolicy) -> TemperatureFit.Sample {
        let input = input(under: policy)
        let mix = EvidenceMix(Vote(input.neighbours, temperature: policy.voteTemperature), input.classes)
        return TemperatureFit.Sample(
            logScores: mix.logs,
            gold: mix.intents.firstIndex(where: isGold),
            others: mix.others
        )
    }

    /// What a temperature is fitted on for answers that the language model takes part in: at temperature 1 a
    /// probability's logarithm is what `Decision` divides by the temperature, but for a constant.
    ///
    /// - Parameter decision: made at temperature 1.
    func calibrationSample(_ decision: Decision) -> TemperatureFit.Sample {
        TemperatureFit.Sample(
            logScores: decision.candidates.map { log($0.probability ?? 0) },
            gold: decision.candidates.firstIndex { isGold($0.intent) },
        )
    }

    /// The leading candidate is the gold intent.
    func isRight(_ decision: Decision) -> Bool {
        decision.candidates.first.map { isGold($0.intent) } ?? false
    }

    func isGold(_ intent: IntentID) -> Bool {
        guard let gold, let intent = input.intents[intent] else { return false }
        return NamedIntent(vertical: intent.vertical, path: intent.path) == gold
    }
}
