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

    /// What UNKNOWN is decided by; nil where nothing was retrieved.
    func familiarity(under policy: RetrievalPolicy) -> Double? {
        var input = input
        input.retrievalPolicy = policy
        return input.familiarity
    }

    /// What would be answered under a policy.
    func decision(under policy: RetrievalPolicy) -> Decision {
        var input = input
        input.retrievalPolicy = policy
        // What is summed up of the intents beyond the listed ones keeps the weights that it was summed under.
        if let weights = policy.classWeights { input.classes?.weights = weights }
        return Decision(input)
    }

    /// What would be answered if the language model's scores counted; without scores the vote and class evidence alone.
    func decision(under policy: RetrievalPolicy, llm: LLMPolicy) -> Decision {
        var input = input
        input.retrievalPolicy = policy
        if case .scored(let scores, _) = input.llm { input.llm = .scored(scores, policy: llm) }
        return Decision(input)
    }

    /// At temperature 1 a probability's logarithm is what `Decision` divides by the temperature, but for a constant.
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
