package import Core

extension AnswerFeedback {
    /// The same as it is stored.
    ///
    /// - Throws: `.invalidArgument` with the part that is wrong and what is accepted.
    package func checked() throws(SwitchboardError) -> Feedback {
        guard let reply = Bits128(hex: replyID) else {
            throw .invalid("a reply id is 32 hexadecimal digits, as classify --json prints it")
        }
        return Feedback(
            replyID: reply,
            text: try UtteranceText(text),
            vertical: try Vertical(vertical),
            answeredIntent: try Self.path(answered),
            verdict: try coreVerdict(),
            source: source.core,
            conversationID: conversationID.map { Array($0.utf8) } ?? [],
            outcome: outcome.flatMap { Outcome(rawValue: $0.rawValue.lowercased()) },
            probability: probability,
            decidedBy: decidedBy.flatMap { DecidedBy(rawValue: $0.rawValue.lowercased()) },
            position: try position(),
            origin: origin.map { Array($0.utf8) } ?? [],
        )
    }

    /// What was stored, in words.
    package init(_ feedback: Feedback) {
        self.init(
            replyID: feedback.replyID.description,
            text: feedback.text.value,
            vertical: feedback.vertical.name,
            answered: feedback.answeredIntent?.description,
            verdict: Verdict(feedback.verdict),
            source: Source(feedback.source),
        )
        if case .corrected(let path) = feedback.verdict { right = path.description }
        conversationID = Self.reference(feedback.conversationID)
        origin = Self.reference(feedback.origin)
        outcome = feedback.outcome.map(Classification.Outcome.init)
        probability = feedback.probability
        decidedBy = feedback.decidedBy.map(Classification.DecidedBy.init)
        logID = feedback.position?.log.description
        seq = feedback.position?.sequence.number
    }

    private func coreVerdict() throws(SwitchboardError) -> Core.Verdict {
        switch verdict {
        case .corrected:
            guard let right = try Self.path(right) else { throw .invalid("a correction names the right intent") }
            return .corrected(right)
        case .confirmed, .rejected:
            guard right == nil else { throw .invalid("the right intent comes with a correction only") }
            return verdict == .confirmed ? .confirmed : .rejected
        }
    }

    private func position() throws(SwitchboardError) -> LogPosition? {
        guard let logID else {
            guard seq == nil else { throw .invalid("a sequence number comes with the id of its log") }
            return nil
        }
        guard let log = Bits128(hex: logID) else { throw .invalid("a log's id is 32 hexadecimal digits") }
        return LogPosition(log: log, sequence: LogSequence(seq ?? 0))
    }

    private static func path(_ written: String?) throws(SwitchboardError) -> IntentPath? {
        guard let written else { return nil }
        return try IntentPath(written)
    }

    private static func reference(_ bytes: [UInt8]) -> String? {
        bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }
}

extension AnswerFeedback.Verdict {
    fileprivate init(_ verdict: Verdict) {
        switch verdict {
        case .confirmed: self = .confirmed
        case .corrected: self = .corrected
        case .rejected: self = .rejected
        }
    }
}

extension AnswerFeedback.Source {
    fileprivate init(_ source: FeedbackSource) {
        switch source {
        case .caller: self = .caller
        case .agent: self = .agent
        case .analyst: self = .analyst
        }
    }

    fileprivate var core: FeedbackSource {
        switch self {
        case .caller: .caller
        case .agent: .agent
        case .analyst: .analyst
        }
    }
}
