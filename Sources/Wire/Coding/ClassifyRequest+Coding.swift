internal import CProtobufC
package import Core
internal import SwitchboardProtos

extension ClassifyRequest: WireMessage, Coded {
    package static let name = "switchboard.v1.ClassifyRequest"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__ClassifyRequest>) {
        switchboard__v1__classify_request__init(message)
    }

    init(_ message: Switchboard__V1__ClassifyRequest) throws(FieldError) {
        self.init(
            text: try message.text.utterance("text"),
            verticals: try Read.verticals(message.verticals, message.n_verticals),
            llm: try LLMMode.optional(message.llm, "llm"),
            requestID: try message.request_id.opaque("request_id", atMost: Self.maximumRequestIDBytes),
            conversationID: try message.conversation_id.opaque("conversation_id"),
            origin: try message.origin.opaque("origin"),
            turns: try Read.messages(message.turns, message.n_turns, "turns", atMost: Limits.maximumItems),
            isPartial: message.partial != 0,
            doNotStore: message.do_not_store != 0,
            within: try Read.paths(message.within, message.n_within, "within"),
            evidence: try Read.count(message.evidence, "evidence", atMost: UInt32(Self.maximumEvidence)),
            isExact: message.exact != 0,
            minPosition: try Read.optional(message.min_position, "min_position"),
            exclude: try Read.exemplars(message.exclude, message.n_exclude, "exclude")
        )
    }

    func fill(_ message: inout Switchboard__V1__ClassifyRequest, _ arena: inout Arena) {
        message.text = arena.data(text.value)
        message.n_verticals = verticals.count
        message.verticals = arena.strings(verticals)
        message.llm = LLMMode.number(of: llm)
        message.request_id = arena.data(requestID)
        message.conversation_id = arena.data(conversationID)
        message.origin = arena.data(origin)
        message.n_turns = turns.count
        message.turns = arena.messages(of: turns)
        message.partial = boolean(isPartial)
        message.do_not_store = boolean(doNotStore)
        message.n_within = within.count
        message.within = arena.datas(within)
        message.evidence = UInt32(clamping: evidence)
        message.exact = boolean(isExact)
        message.min_position = arena.message(ofAny: minPosition)
        message.n_exclude = exclude.count
        message.exclude = arena.datas(exclude)
    }
}
