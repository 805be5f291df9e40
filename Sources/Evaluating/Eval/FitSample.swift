package import Core
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

    /// Whether the language model was asked.
    var isScored: Bool {
        if case .scored = input.llm { true } else { false }
    }

    /// As if the language model had been asked of these alone.
    func hearing(_ intents: [IntentID]) -> FitSample {
        guard case .scored(let scores, let policy) = input.llm else { return self }
        let heard = Set(intents)
        var sample = self
        sample.input.llm = .scored(scores.filter { heard.contains($0.key) }, policy: policy)
        return sample
    }

    /// What UNKNOWN is decided by; nil where nothing was retrieved.
    func familiarity(under policy: RetrievalPolicy) -> Double? {
        var input = input
        input.retrievalPolicy = policy
        return input.familiarity
    }

    /// What would be answered under a policy.
    func decision(under policy: RetrievalPolicy) -> Decision { Decision(input(under: policy)) }

    /// What would be answered if the language model's scores counted; without scores the vote and class evidence alone.
    func decision(under policy: RetrievalPolicy, llm: LLMPolicy) -> Decision {
        Decision(input(under: policy, llm: llm))
    }

    private func input(under policy: RetrievalPolicy, llm: LLMPolicy) -> DecisionInput {
        var input = input(under: policy)
        if case .scored(let scores, _) = input.llm { input.llm = .scored(scores, policy: llm) }
        return input
    }

    /// What a temperature is fitted on for answers without the language model.
    func calibrationSample(under policy: RetrievalPolicy) -> TemperatureFit.Sample {
        calibrationSample(input(under: policy))
    }

    /// What a temperature is fitted on for answers that the language model takes part in.
    func calibrationSample(under policy: RetrievalPolicy, llm: LLMPolicy) -> TemperatureFit.Sample {
        calibrationSample(input(under: policy, llm: llm))
    }

    /// Of all intents that an answer's probabilities are shared among, not only of those that a reply names.
    private func calibrationSample(_ input: DecisionInput) -> TemperatureFit.Sample {
        let evidence = CombinedEvidence(input)
        return TemperatureFit.Sample(
            logScores: evidence.calibratedLogs,
            gold: evidence.intents.firstIndex(where: isGold),
            others: evidence.others
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
