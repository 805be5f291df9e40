package import Core
internal import Foundation
internal import GRDB

/// Feedback as the store has it.
package struct StoredFeedback: Sendable, Equatable {
    /// Grows with each word that comes in; a word that replaces another has a number of its own.
    package let number: UInt64
    package let feedback: Feedback
    /// When it came in: microseconds since 1970, UTC.
    package let timeMicroseconds: Int64
}

extension StoredFeedback {
    static let columns = """
        number, reply_id, source, time_us, vertical, text, answered, verdict, right_intent, conversation_id, outcome, \
        probability, decided_by, log_id, seq, origin
        """

    /// - Throws: `.dataLoss` where the row is not one of ours.
    init(_ row: Row) throws {
        let number: Int64 = row["number"]
        let right: Data? = row["right_intent"]
        let answered: Data? = row["answered"]
        let logID: Data? = row["log_id"]
        let sequence: Int64? = row["seq"]
        guard let replyID = Bits128(stored: row["reply_id"]),
            let source = FeedbackSource(stored: row["source"]),
            let verdict = Verdict(stored: row["verdict"], right: try right.map { try IntentPath(validating: $0) })
        else { throw SwitchboardError.unreadable("a row of the feedback store") }
        self.number = UInt64(number)
        timeMicroseconds = row["time_us"]
        feedback = Feedback(
            replyID: replyID,
            text: try UtteranceText(validating: row["text"] as Data),
            vertical: try Vertical(row["vertical"]),
            answeredIntent: try answered.map { try IntentPath(validating: $0) },
            verdict: verdict,
            source: source,
            conversationID: [UInt8](row["conversation_id"] as Data),
            outcome: (row["outcome"] as Int?).flatMap(Outcome.init(stored:)),
            probability: row["probability"],
            decidedBy: (row["decided_by"] as Int?).flatMap(DecidedBy.init(stored:)),
            position: logID.flatMap(LogID.init(stored:)).map { log in
                LogPosition(log: log, sequence: LogSequence(stored: sequence ?? 0))
            },
            origin: [UInt8](row["origin"] as Data),
        )
    }

    /// The columns after `number`, in their order.
    static func arguments(_ feedback: Feedback, timeMicroseconds: Int64) -> StatementArguments {
        var right: IntentPath?
        if case .corrected(let path) = feedback.verdict { right = path }
        return [
            feedback.replyID.stored, feedback.source.stored, timeMicroseconds, feedback.vertical.name,
            feedback.text.value.storedBytes, feedback.answeredIntent?.description.storedBytes, feedback.verdict.stored,
            right?.description.storedBytes, Data(feedback.conversationID), feedback.outcome?.stored,
            feedback.probability, feedback.decidedBy?.stored, feedback.position?.log.stored,
            feedback.position?.sequence.stored, Data(feedback.origin),
        ]
    }
}

// Numbers as they stand in the file: those of the protobuf enums, never changed.

extension FeedbackSource {
    var stored: Int {
        switch self {
        case .caller: 1
        case .agent: 2
        case .analyst: 3
        }
    }

    init?(stored: Int) {
        guard let match = Self.allCases.first(where: { $0.stored == stored }) else { return nil }
        self = match
    }
}

extension Verdict {
    var stored: Int {
        switch self {
        case .confirmed: 1
        case .corrected: 2
        case .rejected: 3
        }
    }

    init?(stored: Int, right: IntentPath?) {
        switch (stored, right) {
        case (1, _): self = .confirmed
        case (2, let right?): self = .corrected(right)
        case (3, _): self = .rejected
        default: return nil
        }
    }
}

extension Outcome {
    var stored: Int {
        switch self {
        case .route: 1
        case .clarify: 2
        case .unknown: 3
        }
    }

    init?(stored: Int) {
        guard let match = Self.allCases.first(where: { $0.stored == stored }) else { return nil }
        self = match
    }
}

extension DecidedBy {
    var stored: Int {
        switch self {
        case .exact: 1
        case .retrieval: 2
        case .llm: 3
        case .degraded: 4
        }
    }

    init?(stored: Int) {
        guard let match = Self.allCases.first(where: { $0.stored == stored }) else { return nil }
        self = match
    }
}
