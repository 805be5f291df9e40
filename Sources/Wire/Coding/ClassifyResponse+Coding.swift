internal import CProtobufC
package import Core
internal import SwitchboardProtos

extension ClassifyResponse: WireMessage, Coded {
    package static let name = "switchboard.v1.ClassifyResponse"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__ClassifyResponse>) {
        switchboard__v1__classify_response__init(message)
    }

    /// An outcome that this side does not know counts as UNKNOWN.
    init(_ message: Switchboard__V1__ClassifyResponse) throws(FieldError) {
        let isCalibrated =
            message.probability_value_case == SWITCHBOARD__V1__CLASSIFY_RESPONSE__PROBABILITY_VALUE_PROBABILITY
        let hasFamiliarity =
            message.familiarity_value_case == SWITCHBOARD__V1__CLASSIFY_RESPONSE__FAMILIARITY_VALUE_FAMILIARITY
        self.init(
            replyID: try message.reply_id.bits("reply_id"),
            text: try message.text.prose("text"),
            outcome: Outcome.named(message.outcome) ?? .unknown,
            vertical: try message.vertical.optionalVertical("vertical"),
            intent: try message.intent.optionalPath("intent"),
            intentID: message.intent_id == 0 ? nil : IntentID(message.intent_id),
            probability: isCalibrated ? try Read.finite(message.probability, "probability") : nil,
            score: try Read.finite(message.score, "score"),
            levels: try Read.messages(message.levels, message.n_levels, "levels"),
            candidates: try Read.messages(message.candidates, message.n_candidates, "candidates"),
            evidence: try Read.messages(message.evidence, message.n_evidence, "evidence"),
            decidedBy: try DecidedBy(message.decided_by, "decided_by"),
            requestID: try message.request_id.opaque("request_id", atMost: ClassifyRequest.maximumRequestIDBytes),
            attributes: try Read.attributes(message.attributes, message.n_attributes),
            phrase: try message.phrase.optionalProse("phrase"),
            position: try Read.needed(message.position, "position"),
            policySequence: Read.optionalSequence(message.policy_seq),
            isTruncated: message.truncated != 0,
            timings: try Read.optional(message.timings, "timings") ?? Timings(),
            verticals: try Read.verticals(message.verticals, message.n_verticals),
            familiarity: hasFamiliarity ? try Read.finite(message.familiarity, "familiarity") : nil
        )
    }

    func fill(_ message: inout Switchboard__V1__ClassifyResponse, _ arena: inout Arena) {
        message.reply_id = arena.data(replyID)
        message.text = arena.data(text)
        message.outcome = outcome.number
        if let vertical { message.vertical = arena.characters(vertical.name) }
        if let intent { message.intent = arena.data(intent.description) }
        message.intent_id = intentID?.number ?? 0
        if let probability {
            message.probability_value_case = SWITCHBOARD__V1__CLASSIFY_RESPONSE__PROBABILITY_VALUE_PROBABILITY
            message.probability = probability
        }
        message.score = score
        message.n_levels = levels.count
        message.levels = arena.messages(of: levels)
        message.n_candidates = candidates.count
        message.candidates = arena.messages(of: candidates)
        message.n_evidence = evidence.count
        message.evidence = arena.messages(of: evidence)
        message.decided_by = decidedBy.number
        message.request_id = arena.data(requestID)
        message.n_attributes = attributes.count
        message.attributes = arena.attributes(attributes)
        if let phrase { message.phrase = arena.data(phrase) }
        message.position = arena.message(of: position)
        message.policy_seq = policySequence?.number ?? 0
        message.truncated = boolean(isTruncated)
        message.timings = arena.message(of: timings)
        message.n_verticals = verticals.count
        message.verticals = arena.strings(verticals)
        if let familiarity {
            message.familiarity_value_case = SWITCHBOARD__V1__CLASSIFY_RESPONSE__FAMILIARITY_VALUE_FAMILIARITY
            message.familiarity = familiarity
        }
    }
}
