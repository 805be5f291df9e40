internal import CProtobufC
package import Core
internal import SwitchboardProtos

extension ListKeysRequest: WireMessage, Coded {
    package static let name = "switchboard.v1.ListKeysRequest"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__ListKeysRequest>) {
        switchboard__v1__list_keys_request__init(message)
    }

    init(_ message: Switchboard__V1__ListKeysRequest) throws(FieldError) {
        self.init()
    }

    func fill(_ message: inout Switchboard__V1__ListKeysRequest, _ arena: inout Arena) {
        // It has no fields.
    }
}

extension ListKeysResponse: WireMessage, Coded {
    package static let name = "switchboard.v1.ListKeysResponse"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__ListKeysResponse>) {
        switchboard__v1__list_keys_response__init(message)
    }

    init(_ message: Switchboard__V1__ListKeysResponse) throws(FieldError) {
        self.init(
            keys: try Read.messages(message.keys, message.n_keys, "keys"),
            position: try Read.needed(message.position, "position")
        )
    }

    func fill(_ message: inout Switchboard__V1__ListKeysResponse, _ arena: inout Arena) {
        message.n_keys = keys.count
        message.keys = arena.messages(of: keys)
        message.position = arena.message(of: position)
    }
}
