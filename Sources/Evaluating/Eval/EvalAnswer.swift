package import Core
package import Wire

/// One reply as the measures need it.
package struct EvalAnswer: Sendable, Equatable {
    /// Nil: out of scope.
    package var gold: NamedIntent?
    package var outcome: Outcome
    /// The leading candidate whatever the outcome; nil where nothing was retrieved.
    package var leader: NamedIntent?
    /// The leader's share among the retrieved exemplars.
    package var vote: Double
    /// The leader's; 1 where an equal exemplar decided, nil where nothing was calibrated.
    package var probability: Double?
    /// What UNKNOWN is decided by: how much the utterance is like what was searched.
    package var familiarity: Double
    /// Intents of the retrieved exemplars, nearest first.
    package var retrieved: [NamedIntent]
    package var decidedBy: DecidedBy
    /// What the caller would be sent to or asked about: the leader or one of its parents; nil with UNKNOWN, and of a method
    /// that only names a leader.
    package var answered: NamedIntent?

    package init(
        gold: NamedIntent?,
        outcome: Outcome,
        leader: NamedIntent?,
        vote: Double,
        probability: Double?,
        familiarity: Double,
        retrieved: [NamedIntent],
        decidedBy: DecidedBy,
        answered: NamedIntent? = nil,
    ) {
        self.gold = gold
        self.outcome = outcome
        self.leader = leader
        self.vote = vote
        self.probability = probability
        self.familiarity = familiarity
        self.retrieved = retrieved
        self.decidedBy = decidedBy
        self.answered = answered
    }

    /// - Parameter response: with as much evidence as exemplars were retrieved.
    package init(_ response: ClassifyResponse, gold: NamedIntent?) {
        let leader = response.candidates.first
        let isExact = response.decidedBy == .exact
        self.init(
            gold: gold,
            outcome: response.outcome,
            leader: leader.map { NamedIntent(vertical: $0.vertical, path: $0.intent) },
            vote: leader?.vote ?? 0,
            probability: leader.flatMap { isExact ? 1 : $0.probability },
            familiarity: isExact ? 1 : response.familiarity ?? -1,
            retrieved: response.evidence.map { NamedIntent(vertical: $0.vertical, path: $0.intent) },
            decidedBy: response.decidedBy,
            answered: response.intent.flatMap { path in
                response.vertical.map { NamedIntent(vertical: $0, path: path) }
            },
        )
    }

    /// The leading candidate's full path is the gold path, whatever the outcome.
    package var isRight: Bool { gold != nil && leader == gold }
    /// What answers are ranked by: the calibrated probability or, without one, the vote.
    package var sureness: Double { probability ?? vote }
    package var isRefused: Bool { outcome == .unknown }
    /// The caller is sent to the gold intent, or to one above it.
    package var isRoutedRightly: Bool {
        guard outcome == .route, let gold, let answered else { return false }
        return gold.vertical == answered.vertical && gold.path.isWithin(answered.path)
    }
    /// The caller is sent to a parent of the leader.
    package var isBackedOff: Bool { outcome == .route && answered != nil && answered != leader }
}
