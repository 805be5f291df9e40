internal import CProtobufC
package import Core
internal import SwitchboardProtos

extension FollowRequest: WireMessage, Coded {
    package static let name = "switchboard.v1.FollowRequest"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__FollowRequest>) {
        switchboard__v1__follow_request__init(message)
    }

    init(_ message: Switchboard__V1__FollowRequest) throws(FieldError) {
        switch message.kind_case {
        case SWITCHBOARD__V1__FOLLOW_REQUEST__KIND_START: self = .start(try Read.needed(message.start, "start"))
        case SWITCHBOARD__V1__FOLLOW_REQUEST__KIND_APPLIED: self = .applied(try Read.needed(message.applied, "applied"))
        default: throw FieldError("kind", "none of the kinds that are accepted is set")
        }
    }

    func fill(_ message: inout Switchboard__V1__FollowRequest, _ arena: inout Arena) {
        switch self {
        case .start(let start):
            message.kind_case = SWITCHBOARD__V1__FOLLOW_REQUEST__KIND_START
            message.start = arena.message(of: start)
        case .applied(let applied):
            message.kind_case = SWITCHBOARD__V1__FOLLOW_REQUEST__KIND_APPLIED
            message.applied = arena.message(of: applied)
        }
    }
}

extension FollowApplied: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__FollowApplied>) {
        switchboard__v1__follow_applied__init(message)
    }

    init(_ message: Switchboard__V1__FollowApplied) throws(FieldError) {
        self.init(
            sequence: LogSequence(message.seq),
            encoders: try Read.list(
                message.encoder_ids,
                message.n_encoder_ids,
                "encoder_ids",
                atMost: Self.maximumEncoders
            ) { data throws(FieldError) in try data.model("") },
            nextEncoder: try message.next_encoder_id.optionalModel("next_encoder_id"),
            graphsDue: Int(message.graphs_due)
        )
    }

    func fill(_ message: inout Switchboard__V1__FollowApplied, _ arena: inout Arena) {
        message.seq = sequence.number
        message.n_encoder_ids = encoders.count
        message.encoder_ids = arena.datas(encoders)
        if let nextEncoder { message.next_encoder_id = arena.data(nextEncoder.bytes) }
        message.graphs_due = UInt32(clamping: graphsDue)
    }
}

extension FollowStart: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__FollowStart>) {
        switchboard__v1__follow_start__init(message)
    }

    init(_ message: Switchboard__V1__FollowStart) throws(FieldError) {
        self.init(
            name: try message.name.string("name"),
            position: try Read.optional(message.position, "position"),
            epoch: message.epoch,
            digest: message.digest.isEmpty ? nil : StateDigest(try message.digest.bits("digest")),
            namesOnly: message.names_only != 0,
            format: message.format
        )
    }

    func fill(_ message: inout Switchboard__V1__FollowStart, _ arena: inout Arena) {
        message.name = arena.characters(name)
        message.position = arena.message(ofAny: position)
        message.epoch = epoch
        if let digest { message.digest = arena.data(digest.sum) }
        message.names_only = boolean(namesOnly)
        message.format = format
    }
}
