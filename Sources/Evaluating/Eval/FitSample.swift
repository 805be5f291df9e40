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

    /// - Parameter trustsEqual: whether an equal exemplar may decide; not where the utterance itself is left out, since
    ///   what equals it says nothing of the others.
    init(_ response: RetrieveResponse, gold: NamedIntent?, trustsEqual: Bool = false) {
        let input = DecisionInput(
            neighbours: response.neighbours,
            equal: trustsEqual ? response.equal : [],
            intents: Dictionary(response.intents.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first }),
            retrievalPolicy: .builtin,
            classes: response.classes,
        )
        self.init(input: input, gold: gold, shown: response.shown)
    }

    /// Whether the language model was asked.
    var isScored: Bool {
        if case .scored = input.llm { true } else { false }
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
        guard let gold else { return false }
        return name(of: intent) == gold
    }

    /// Nil of an intent that did not come with the sample.
    func name(of intent: IntentID) -> NamedIntent? {
        input.intents[intent].map { NamedIntent(vertical: $0.vertical, path: $0.path) }
    }

    /// As if only so many exemplars had been retrieved.
    func nearest(_ count: Int) -> FitSample {
        var sample = self
        sample.input.neighbours = Array(input.neighbours.prefix(count))
        return sample
    }
}
