internal import CProtobufC
package import Core
internal import SwitchboardProtos

extension FeedbackResponse: WireMessage, Coded {
    package static let name = "switchboard.v1.FeedbackResponse"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__FeedbackResponse>) {
        switchboard__v1__feedback_response__init(message)
    }

    init(_ message: Switchboard__V1__FeedbackResponse) throws(FieldError) {
        self.init(hasReplaced: message.replaced != 0, learnt: try Read.optional(message.learnt, "learnt"))
    }

    func fill(_ message: inout Switchboard__V1__FeedbackResponse, _ arena: inout Arena) {
        message.replaced = boolean(hasReplaced)
        message.learnt = arena.message(ofAny: learnt)
    }
}

extension IntentsRequest: WireMessage, Coded {
    package static let name = "switchboard.v1.IntentsRequest"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__IntentsRequest>) {
        switchboard__v1__intents_request__init(message)
    }

    init(_ message: Switchboard__V1__IntentsRequest) throws(FieldError) {
        self.init(
            verticals: try Read.verticals(message.verticals, message.n_verticals),
            thenChanges: message.then_changes != 0
        )
    }

    func fill(_ message: inout Switchboard__V1__IntentsRequest, _ arena: inout Arena) {
        message.n_verticals = verticals.count
        message.verticals = arena.strings(verticals)
        message.then_changes = boolean(thenChanges)
    }
}

extension IntentsResponse: WireMessage, Coded {
    package static let name = "switchboard.v1.IntentsResponse"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__IntentsResponse>) {
        switchboard__v1__intents_response__init(message)
    }

    init(_ message: Switchboard__V1__IntentsResponse) throws(FieldError) {
        self.init(
            intents: try Read.messages(message.intents, message.n_intents, "intents"),
            position: try Read.needed(message.position, "position"),
            isComplete: message.complete != 0
        )
    }

    func fill(_ message: inout Switchboard__V1__IntentsResponse, _ arena: inout Arena) {
        message.n_intents = intents.count
        message.intents = arena.messages(of: intents)
        message.position = arena.message(of: position)
        message.complete = boolean(isComplete)
    }
}
