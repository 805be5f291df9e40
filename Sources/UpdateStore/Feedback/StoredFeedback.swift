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

    /// - Parameter row: of `columns`.
    /// - Throws: `UnreadableColumn` where the row is not one of ours.
    init(_ row: Row) throws {
        number = try row.value(0) { UInt64(exactly: try row.integer(0)) }
        timeMicroseconds = try row.integer(3)
        let right = try row.pathIfAny(8)
        let position = try row.hasNull(atIndex: 13) ? nil : LogPosition(log: row.bits(13), sequence: row.sequence(14))
        feedback = Feedback(
            replyID: try row.bits(1),
            text: try row.value(5) { try UtteranceText(validating: try row.bytes(5)) },
            vertical: try row.vertical(4),
            answeredIntent: try row.pathIfAny(6),
            verdict: try row.value(7) { Verdict(stored: Int(try row.integer(7)), right: right) },
            source: try row.value(2) { FeedbackSource(stored: Int(try row.integer(2))) },
            conversationID: [UInt8](try row.bytes(9)),
            outcome: try row.integerIfAny(10).flatMap { Outcome(stored: Int($0)) },
            probability: try row.realIfAny(11),
            decidedBy: try row.integerIfAny(12).flatMap { DecidedBy(stored: Int($0)) },
            position: position,
            origin: [UInt8](try row.bytes(15)),
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
