/// What somebody says about an answer, complete in itself. Encodes to the JSON that `switchboard feedback export` prints.
public struct AnswerFeedback: Sendable, Codable, Equatable {
    /// Whether the answer was right.
    public enum Verdict: String, Sendable, Codable {
        /// It was.
        case confirmed = "CONFIRMED"
        /// It was wrong; `right` is what the caller wanted.
        case corrected = "CORRECTED"
        /// It was wrong; what the caller wanted is not said.
        case rejected = "REJECTED"
    }

    /// Who says so. Of several on one reply an analyst counts before an agent, an agent before the caller.
    public enum Source: String, Sendable, Codable, CaseIterable {
        /// The caller.
        case caller
        /// Who took the call.
        case agent
        /// Who looked at it afterwards.
        case analyst
    }

    /// Of the reply that was answered with, 32 hexadecimal digits.
    public var replyID: String
    /// What was classified.
    public var text: String
    /// Of the answer.
    public var vertical: String
    /// The path that was answered; nil: the answer was UNKNOWN.
    public var answered: String?
    /// Whether that was right.
    public var verdict: Verdict
    /// With `.corrected`: the right path.
    public var right: String?
    /// Who says so.
    public var source: Source
    /// Of the conversation.
    public var conversationID: String?
    /// Conversation or subject reference that a later purge can name.
    public var origin: String?
    /// As the reply said.
    public var outcome: Classification.Outcome?
    /// As the reply said.
    public var probability: Double?
    /// As the reply said.
    public var decidedBy: Classification.DecidedBy?
    /// The log that the reply came from.
    public var logID: String?
    /// How far that log had been applied.
    public var seq: UInt64?

    enum CodingKeys: String, CodingKey {
        case replyID = "reply_id"
        case text
        case vertical
        case answered
        case verdict
        case right
        case source
        case conversationID = "conversation_id"
        case origin
        case outcome
        case probability
        case decidedBy = "decided_by"
        case logID = "log_id"
        case seq
    }

    /// What has to be said at least.
    public init(replyID: String, text: String, vertical: String, answered: String?, verdict: Verdict, source: Source) {
        self.replyID = replyID
        self.text = text
        self.vertical = vertical
        self.answered = answered
        self.verdict = verdict
        self.source = source
    }

    /// About an answer that is at hand, with all that it says of itself.
    ///
    /// - Parameter vertical: where the answer names none, as an UNKNOWN over several verticals does.
    public init(on answer: Classification, verdict: Verdict, source: Source, vertical: String = "default") {
        self.init(
            replyID: answer.replyID,
            text: answer.text,
            vertical: answer.vertical ?? vertical,
            answered: answer.intent,
            verdict: verdict,
            source: source,
        )
        outcome = answer.outcome
        probability = answer.probability
        decidedBy = answer.decidedBy
        logID = answer.logID
        seq = answer.seq
    }
}
