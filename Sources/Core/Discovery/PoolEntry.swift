/// An utterance that nobody could explain, as it goes into the pool of which intents are discovered.
package struct PoolEntry: Sendable, Hashable {
    /// Of the reply that could not explain it, or of the call; the same again adds nothing. Empty: none.
    package var requestID: [UInt8]
    /// Masked by whoever stores it.
    package var text: UtteranceText
    package var vertical: Vertical
    /// Nil: not told.
    package var role: Role?
    /// Empty: none.
    package var conversationID: [UInt8]
    /// Conversation or subject reference that a later purge can name. Empty: none.
    package var origin: [UInt8]
    package var reason: PoolReason
    /// Microseconds since 1970 at which it was said: how long the live pool keeps it. It puts nothing in order.
    package var timeMicroseconds: Int64

    package init(
        requestID: [UInt8] = [],
        text: UtteranceText,
        vertical: Vertical,
        role: Role? = nil,
        conversationID: [UInt8] = [],
        origin: [UInt8] = [],
        reason: PoolReason,
        timeMicroseconds: Int64,
    ) {
        self.requestID = requestID
        self.text = text
        self.vertical = vertical
        self.role = role
        self.conversationID = conversationID
        self.origin = origin
        self.reason = reason
        self.timeMicroseconds = timeMicroseconds
    }
}

/// Why an utterance is in the pool.
package enum PoolReason: String, Sendable, Hashable, CaseIterable {
    /// The answer was UNKNOWN.
    case unknown
    /// The answer was CLARIFY.
    case clarify
    /// It was routed with a low probability.
    case unsure
    /// Feedback corrected or rejected the answer.
    case corrected
    /// It came in a file that a person wants to be looked through.
    case file
}
