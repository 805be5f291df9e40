/// What a router is told to do with an utterance.
package enum Outcome: String, Sendable, Hashable, CaseIterable {
    /// Send the caller to the intent.
    case route
    /// The best two are too close: ask which one is meant.
    case clarify
    /// No intent fits.
    case unknown
}

/// Which evidence settled an answer.
package enum DecidedBy: String, Sendable, Hashable, CaseIterable {
    /// An equal exemplar.
    case exact
    /// The vote of the nearest exemplars and class evidence.
    case retrieval
    /// These and the language model together.
    case llm
    /// What `retrieval` names, though the language model was wanted: the deadline or the scorers did not allow it.
    case degraded
}
