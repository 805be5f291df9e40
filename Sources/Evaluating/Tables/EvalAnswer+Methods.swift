internal import Core

extension EvalAnswer {
    /// What a gateway would answer on a sample.
    init(_ decision: Decision, on sample: FitSample, under policy: RetrievalPolicy) {
        let isExact = decision.decidedBy == .exact
        let leader = decision.candidates.first
        self.init(
            gold: sample.gold,
            outcome: decision.outcome,
            leader: leader.flatMap { sample.name(of: $0.intent) },
            vote: leader?.vote ?? 0,
            probability: isExact ? 1 : leader?.probability,
            familiarity: isExact ? 1 : sample.familiarity(under: policy) ?? -1,
            retrieved: sample.input.neighbours.compactMap { sample.name(of: $0.intent) },
            decidedBy: decision.decidedBy,
            answered: decision.intent.flatMap { sample.name(of: $0) },
        )
    }

    /// What a linear classifier names.
    init(_ named: (intent: NamedIntent, probability: Double), gold: NamedIntent?) {
        self.init(
            gold: gold,
            outcome: .route,
            leader: named.intent,
            vote: named.probability,
            probability: named.probability,
            familiarity: named.probability,
            retrieved: [],
            decidedBy: .retrieval,
        )
    }

    /// What the language model alone prefers among the candidates that it was asked of (REIC eq. 6: the softmax of the
    /// scores); the first candidate where there was nothing to choose from.
    init(scoresAloneOn sample: FitSample, under policy: RetrievalPolicy) {
        self.init(sample.decision(under: policy), on: sample, under: policy)
        guard case .scored(let scores, _) = sample.input.llm else { return }
        let ranked = scores.sorted { ($0.value, $1.key) > ($1.value, $0.key) }
        leader = ranked.first.flatMap { sample.name(of: $0.key) }
        vote = Measure.softmax(ranked.map(\.value)).first ?? 0
        probability = nil
        decidedBy = .llm
    }
}
