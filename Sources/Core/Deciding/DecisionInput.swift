/// All that a decision is made from: what one snapshot of a replica held near the utterance, and what the language model
/// said of it.
package struct DecisionInput: Sendable {
    /// Nearest first.
    package var neighbours: [Neighbour]
    /// Exemplars whose text equals the utterance, at most one a vertical.
    package var equal: [Neighbour]
    /// The intents of the neighbours and of the class evidence, and their ancestors, with what they inherit.
    package var intents: [IntentID: Intent]
    package var retrievalPolicy: RetrievalPolicy
    /// Nil: neighbours alone.
    package var classes: ClassEvidence?
    package var llm: LLMEvidence

    package init(
        neighbours: [Neighbour],
        equal: [Neighbour],
        intents: [IntentID: Intent],
        retrievalPolicy: RetrievalPolicy,
        classes: ClassEvidence? = nil,
        llm: LLMEvidence = .notWanted,
    ) {
        self.neighbours = neighbours
        self.equal = equal
        self.intents = intents
        self.retrievalPolicy = retrievalPolicy
        self.classes = classes
        self.llm = llm
    }
}

extension DecisionInput {
    /// How much the utterance is like what was searched; nil where nothing was retrieved.
    package var familiarity: Double? {
        neighbours.map(\.similarity).max().map {
            retrievalPolicy.familiarity(similarity: $0, classes: classes)
        }
    }
}

/// What became of asking the language model.
package enum LLMEvidence: Sendable, Equatable {
    case notWanted
    /// It was wanted, but the deadline or the scorers did not allow it.
    case missing
    /// Mean log-probability of each candidate (REIC eq. 5), and the policy that weighs it; nil: the scores are reported
    /// beside the other evidence and do not count, since no policy is fitted for this model.
    case scored([IntentID: Double], policy: LLMPolicy?)
}
