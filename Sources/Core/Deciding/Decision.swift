internal import Foundation

/// What a caller is told: a value computed from the evidence alone.
///
/// In this order: an equal exemplar decides (unless the searched verticals disagree); an utterance that resembles nothing
/// is UNKNOWN; a sure leader is the ROUTE; an unsure leaf under a sure parent gives the parent; else CLARIFY.
package struct Decision: Sendable, Equatable {
    package struct Candidate: Sendable, Equatable {
        package let intent: IntentID
        package let vote: Double
        /// What all exemplars of the intent add to the logarithm of the vote; nil: there is no class evidence.
        package let classScore: Double?
        /// Nil: the language model was not asked.
        package let llmLogProbability: Double?
        /// Share of the combined evidence, 0...1; all sum to 1.
        package let score: Double
        /// `score` calibrated; nil where no policy was fitted.
        package let probability: Double?
    }

    package let outcome: Outcome
    /// What is answered: a candidate or, where the leaf is unsure, one of its ancestors. Nil with `.unknown`.
    package let intent: IntentID?
    package let score: Double
    package let probability: Double?
    package let decidedBy: DecidedBy
    /// Best first.
    package let candidates: [Candidate]

    /// The best of them are told, and perhaps asked about.
    package static let maximumCandidates = 10

    package init(_ input: DecisionInput) {
        let policy = input.retrievalPolicy
        let vote = Vote(input.neighbours, temperature: policy.voteTemperature)
        if policy.trustsExact, input.equal.count == 1 {
            self = Decision(exact: input.equal[0].intent, vote: vote)
            return
        }
        let (candidates, isByLLM) = Self.rank(vote, input)
        let decidedBy: DecidedBy = isByLLM ? .llm : input.llm == .missing ? .degraded : .retrieval
        let own = candidates.first.flatMap { input.intents[$0.intent] }.map { IntentThresholds($0.attributes) }
        guard let leader = candidates.first,
            let familiarity = input.familiarity, familiarity >= own?.minimumFamiliarity ?? policy.minimumFamiliarity
        else {
            self.init(.unknown, intent: nil, of: candidates.first, decidedBy: decidedBy, candidates: candidates)
            return
        }
        let thresholds = Self.thresholds(of: input.llm, isByLLM: isByLLM, policy: policy)
        let second = candidates.count > 1 ? candidates[1].sureness : 0
        if leader.sureness >= own?.routeScore ?? thresholds.route,
            leader.sureness - second >= own?.clarifyMargin ?? thresholds.margin
        {
            self.init(.route, intent: leader.intent, of: leader, decidedBy: decidedBy, candidates: candidates)
        } else if let parent = Self.sureAncestor(of: leader, candidates, input.intents, thresholds) {
            self.init(
                outcome: .route,
                intent: parent.intent,
                score: parent.score,
                probability: parent.probability,
                decidedBy: decidedBy,
                candidates: candidates,
            )
        } else {
            self.init(.clarify, intent: leader.intent, of: leader, decidedBy: decidedBy, candidates: candidates)
        }
    }

    private init(
        _ outcome: Outcome,
        intent: IntentID?,
        of leader: Candidate?,
        decidedBy: DecidedBy,
        candidates: [Candidate],
    ) {
        self.init(
            outcome: outcome,
            intent: intent,
            score: leader?.score ?? 0,
            probability: leader?.probability,
            decidedBy: decidedBy,
            candidates: candidates,
        )
    }

    private init(
        outcome: Outcome,
        intent: IntentID?,
        score: Double,
        probability: Double?,
        decidedBy: DecidedBy,
        candidates: [Candidate],
    ) {
        self.outcome = outcome
        self.intent = intent
        self.score = score
        self.probability = probability
        self.decidedBy = decidedBy
        self.candidates = candidates
    }

    /// The equal exemplar's intent leads; the others keep their order behind it with what the vote gave them.
    private init(exact intent: IntentID, vote: Vote) {
        let equal = vote.shares.first { $0.intent == intent }
        let leader = Candidate(
            intent: intent,
            vote: equal?.share ?? 0,
            classScore: nil,
            llmLogProbability: nil,
            score: 1,
            probability: nil
        )
        let others = vote.shares.filter { $0.intent != intent }.map {
            Candidate(
                intent: $0.intent,
                vote: $0.share,
                classScore: nil,
                llmLogProbability: nil,
                score: 0,
                probability: nil
            )
        }
        self.init(.route, intent: intent, of: leader, decidedBy: .exact, candidates: [leader] + others)
    }

    /// Combines the evidence log-linearly and normalises it over the intents that were searched.
    private static func rank(
        _ vote: Vote,
        _ input: DecisionInput,
    ) -> (candidates: [Candidate], isByLLM: Bool) {
        let evidence = CombinedEvidence(vote, input)
        let scores = Measure.softmax(evidence.logs, others: evidence.others)
        let probabilities = evidence.temperature.map {
            Measure.softmax(evidence.calibratedLogs, others: evidence.others, temperature: $0)
        }
        let candidates = evidence.mix.entries.enumerated().map { index, entry in
            Candidate(
                intent: entry.intent,
                vote: entry.vote,
                classScore: entry.classScore,
                llmLogProbability: evidence.logProbabilities[entry.intent],
                score: scores[index],
                probability: probabilities?[index],
            )
        }
        // Stable: where scores are equal the vote's order stays.
        let order = candidates.indices.sorted {
            (candidates[$0].score, -$0) > (candidates[$1].score, -$1)
        }
        return (order.prefix(maximumCandidates).map { candidates[$0] }, evidence.isByLLM)
    }

    private static func thresholds(
        of llm: LLMEvidence,
        isByLLM: Bool,
        policy: RetrievalPolicy,
    ) -> (route: Double, margin: Double) {
        if isByLLM, case .scored(_, let fitted?) = llm { return (fitted.routeScore, fitted.clarifyMargin) }
        return (policy.routeScore, policy.clarifyMargin)
    }

    /// The deepest ancestor of the leader that is sure where the leader is not: it has more candidates below it, enough
    /// of them, and no other candidate comes close.
    private static func sureAncestor(
        of leader: Candidate,
        _ candidates: [Candidate],
        _ intents: [IntentID: Intent],
        _ thresholds: (route: Double, margin: Double),
    ) -> (intent: IntentID, score: Double, probability: Double?)? {
        guard let leaf = intents[leader.intent] else { return nil }
        var node = leaf.path.parent
        while let path = node {
            let below = candidates.filter { candidate in
                guard let intent = intents[candidate.intent] else { return false }
                return intent.vertical == leaf.vertical && intent.path.isWithin(path)
            }
            let ancestor = intents.values.first { $0.vertical == leaf.vertical && $0.path == path && $0.aliasOf == nil }
            let sureness = below.reduce(0) { $0 + $1.sureness }
            let rival = candidates.filter { !below.contains($0) }.map(\.sureness).max() ?? 0
            let own = ancestor.map { IntentThresholds($0.attributes) }
            let isSure =
                below.count > 1 && sureness >= own?.routeScore ?? thresholds.route
                && sureness - rival >= own?.clarifyMargin ?? thresholds.margin
            if let ancestor, isSure {
                let probabilities = below.compactMap(\.probability)
                return (
                    ancestor.id,
                    below.reduce(0) { $0 + $1.score },
                    probabilities.count == below.count ? probabilities.reduce(0, +) : nil
                )
            }
            node = path.parent
        }
        return nil
    }
}

extension Decision.Candidate {
    /// What thresholds are held against: the probability where there is one, else the score.
    package var sureness: Double { probability ?? score }
}
