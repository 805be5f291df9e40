internal import CProtobufC
package import Core
internal import SwitchboardProtos

extension Feedback: WireMessage, Coded {
    package static let name = "switchboard.v1.FeedbackRequest"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__FeedbackRequest>) {
        switchboard__v1__feedback_request__init(message)
    }

    init(_ message: Switchboard__V1__FeedbackRequest) throws(FieldError) {
        let hasProbability =
            message.probability_value_case == SWITCHBOARD__V1__FEEDBACK_REQUEST__PROBABILITY_VALUE_PROBABILITY
        self.init(
            replyID: try message.reply_id.bits("reply_id"),
            text: try message.text.utterance("text"),
            vertical: try message.vertical.vertical("vertical"),
            answeredIntent: try message.answered_intent.optionalPath("answered_intent"),
            verdict: try Verdict(message.verdict, message.right_intent),
            source: try FeedbackSource(message.source, "source"),
            conversationID: try message.conversation_id.opaque("conversation_id"),
            outcome: try Outcome.optional(message.outcome, "outcome"),
            probability: hasProbability ? try Read.share(message.probability, "probability") : nil,
            decidedBy: try DecidedBy.optional(message.decided_by, "decided_by"),
            position: try Read.optional(message.position, "position"),
            origin: try message.origin.opaque("origin")
        )
    }

    func fill(_ message: inout Switchboard__V1__FeedbackRequest, _ arena: inout Arena) {
        message.reply_id = arena.data(replyID)
        message.text = arena.data(text.value)
        message.vertical = arena.characters(vertical.name)
        if let answeredIntent { message.answered_intent = arena.data(answeredIntent.description) }
        message.verdict = verdict.number
        if case .corrected(let path) = verdict { message.right_intent = arena.data(path.description) }
        message.source = source.number
        message.conversation_id = arena.data(conversationID)
        message.outcome = Outcome.number(of: outcome)
        if let probability {
            message.probability_value_case = SWITCHBOARD__V1__FEEDBACK_REQUEST__PROBABILITY_VALUE_PROBABILITY
            message.probability = probability
        }
        message.decided_by = DecidedBy.number(of: decidedBy)
        message.position = arena.message(ofAny: position)
        message.origin = arena.data(origin)
    }
}

extension Verdict {
    fileprivate init(_ number: Switchboard__V1__Verdict, _ rightIntent: ProtobufCBinaryData) throws(FieldError) {
        if number == SWITCHBOARD__V1__VERDICT__VERDICT_CORRECTED {
            self = .corrected(try rightIntent.path("right_intent"))
            return
        }
        guard rightIntent.isEmpty else {
            throw FieldError("right_intent", "it comes with VERDICT_CORRECTED only")
        }
        switch number {
        case SWITCHBOARD__V1__VERDICT__VERDICT_CONFIRMED: self = .confirmed
        case SWITCHBOARD__V1__VERDICT__VERDICT_REJECTED: self = .rejected
        default: throw FieldError("verdict", "\(number.rawValue) is not accepted; 1, 2, 3 are")
        }
    }

    fileprivate var number: Switchboard__V1__Verdict {
        switch self {
        case .confirmed: SWITCHBOARD__V1__VERDICT__VERDICT_CONFIRMED
        case .corrected: SWITCHBOARD__V1__VERDICT__VERDICT_CORRECTED
        case .rejected: SWITCHBOARD__V1__VERDICT__VERDICT_REJECTED
        }
    }
}
