internal import CProtobufC
package import Core
internal import SwitchboardProtos

extension ReencodeRequest: WireMessage, Coded {
    package static let name = "switchboard.v1.ReencodeRequest"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__ReencodeRequest>) {
        switchboard__v1__reencode_request__init(message)
    }

    init(_ message: Switchboard__V1__ReencodeRequest) throws(FieldError) {
        guard message.encoder_id.isEmpty != message.path.isEmpty else {
            throw FieldError("path", "either the path of an encoder's file or an encoder_id is needed")
        }
        if message.path.isEmpty {
            self.init(.encoder(try message.encoder_id.model("encoder_id")))
        } else {
            self.init(.file(try message.path.prose("path", atMost: Self.maximumPathBytes)))
        }
    }

    func fill(_ message: inout Switchboard__V1__ReencodeRequest, _ arena: inout Arena) {
        switch target {
        case .encoder(let encoder): message.encoder_id = arena.data(encoder.bytes)
        case .file(let path): message.path = arena.data(path)
        }
    }
}

extension ReencodeResponse: WireMessage, Coded {
    package static let name = "switchboard.v1.ReencodeResponse"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__ReencodeResponse>) {
        switchboard__v1__reencode_response__init(message)
    }

    init(_ message: Switchboard__V1__ReencodeResponse) throws(FieldError) {
        self.init(
            done: try Read.count(message.done, "done"),
            total: try Read.count(message.total, "total"),
            encoder: try message.encoder_id.model("encoder_id"),
            position: try Read.optional(message.position, "position"),
            isSwitched: message.switched != 0,
            lapsedPolicies: try Read.strings(
                message.lapsed_policies,
                message.n_lapsed_policies,
                "lapsed_policies"
            ),
            behind: try Read.strings(message.behind, message.n_behind, "behind"),
            graphsDue: Int(message.graphs_due)
        )
    }

    func fill(_ message: inout Switchboard__V1__ReencodeResponse, _ arena: inout Arena) {
        message.done = UInt64(clamping: done)
        message.total = UInt64(clamping: total)
        message.encoder_id = arena.data(encoder.bytes)
        message.position = arena.message(ofAny: position)
        message.switched = boolean(isSwitched)
        message.n_lapsed_policies = lapsedPolicies.count
        message.lapsed_policies = arena.strings(lapsedPolicies)
        message.n_behind = behind.count
        message.behind = arena.strings(behind)
        message.graphs_due = UInt32(clamping: graphsDue)
    }
}
