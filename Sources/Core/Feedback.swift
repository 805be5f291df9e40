/// What somebody says about an answer, complete in itself: no reply has to be looked up to store it.
package struct Feedback: Sendable, Equatable {
    /// Of the reply that was answered with.
    package var replyID: Bits128
    package var text: UtteranceText
    package var vertical: Vertical
    /// Nil: the answer was UNKNOWN.
    package var answeredIntent: IntentPath?
    package var verdict: Verdict
    package var source: FeedbackSource
    package var conversationID: [UInt8]
    /// Nil: not told.
    package var outcome: Outcome?
    package var probability: Double?
    package var decidedBy: DecidedBy?
    package var position: LogPosition?
    package var origin: [UInt8]

    package init(
        replyID: Bits128,
        text: UtteranceText,
        vertical: Vertical,
        answeredIntent: IntentPath?,
        verdict: Verdict,
        source: FeedbackSource,
        conversationID: [UInt8] = [],
        outcome: Outcome? = nil,
        probability: Double? = nil,
        decidedBy: DecidedBy? = nil,
        position: LogPosition? = nil,
        origin: [UInt8] = [],
    ) {
        self.replyID = replyID
        self.text = text
        self.vertical = vertical
        self.answeredIntent = answeredIntent
        self.verdict = verdict
        self.source = source
        self.conversationID = conversationID
        self.outcome = outcome
        self.probability = probability
        self.decidedBy = decidedBy
        self.position = position
        self.origin = origin
    }
}

/// Whether the answer was right.
package enum Verdict: Sendable, Hashable {
    case confirmed
    /// It was wrong; this is the right intent.
    case corrected(IntentPath)
    case rejected
}

/// Who says so. Of several on one reply the greatest counts.
package enum FeedbackSource: String, Sendable, Hashable, CaseIterable, Comparable {
    case caller
    case agent
    case analyst

    private var rank: Int {
        switch self {
        case .caller: 0
        case .agent: 1
        case .analyst: 2
        }
    }

    package static func < (left: FeedbackSource, right: FeedbackSource) -> Bool { left.rank < right.rank }
}
