internal import CProtobufC
package import Core
internal import SwitchboardProtos

extension FollowResponse: WireMessage, Coded {
    package static let name = "switchboard.v1.FollowResponse"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__FollowResponse>) {
        switchboard__v1__follow_response__init(message)
    }

    init(_ message: Switchboard__V1__FollowResponse) throws(FieldError) {
        switch message.kind_case {
        case SWITCHBOARD__V1__FOLLOW_RESPONSE__KIND_ACCEPTED:
            self = .accepted(try Read.needed(message.accepted, "accepted"))
        case SWITCHBOARD__V1__FOLLOW_RESPONSE__KIND_RECORDS: self = .records(try Records.needed(message.records))
        case SWITCHBOARD__V1__FOLLOW_RESPONSE__KIND_HEARTBEAT:
            self = .heartbeat(try Read.needed(message.heartbeat, "heartbeat"))
        default: throw FieldError("kind", "none of the kinds that are accepted is set")
        }
    }

    func fill(_ message: inout Switchboard__V1__FollowResponse, _ arena: inout Arena) {
        switch self {
        case .accepted(let accepted):
            message.kind_case = SWITCHBOARD__V1__FOLLOW_RESPONSE__KIND_ACCEPTED
            message.accepted = arena.message(of: accepted)
        case .records(let records):
            message.kind_case = SWITCHBOARD__V1__FOLLOW_RESPONSE__KIND_RECORDS
            message.records = arena.message(of: Records(records: records))
        case .heartbeat(let heartbeat):
            message.kind_case = SWITCHBOARD__V1__FOLLOW_RESPONSE__KIND_HEARTBEAT
            message.heartbeat = arena.message(of: heartbeat)
        }
    }
}

/// Records that travel together.
struct Records {
    let records: [LogRecord]

    init(records: [LogRecord]) {
        self.records = records
    }

    static func needed(
        _ message: UnsafeMutablePointer<Switchboard__V1__FollowRecords>?
    ) throws(FieldError) -> [LogRecord] {
        let list: Records = try Read.needed(message, "records")
        return list.records
    }
}

extension Records: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__FollowRecords>) {
        switchboard__v1__follow_records__init(message)
    }

    init(_ message: Switchboard__V1__FollowRecords) throws(FieldError) {
        self.init(records: try Read.messages(message.records, message.n_records, "records"))
    }

    func fill(_ message: inout Switchboard__V1__FollowRecords, _ arena: inout Arena) {
        message.n_records = records.count
        message.records = arena.messages(of: records)
    }
}

extension FollowAccepted: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__FollowAccepted>) {
        switchboard__v1__follow_accepted__init(message)
    }

    init(_ message: Switchboard__V1__FollowAccepted) throws(FieldError) {
        self.init(
            head: try Read.needed(message.head, "head"),
            epoch: message.epoch,
            snapshotFirst: message.snapshot_first != 0
        )
    }

    func fill(_ message: inout Switchboard__V1__FollowAccepted, _ arena: inout Arena) {
        message.head = arena.message(of: head)
        message.epoch = epoch
        message.snapshot_first = boolean(snapshotFirst)
    }
}

extension FollowHeartbeat: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__FollowHeartbeat>) {
        switchboard__v1__follow_heartbeat__init(message)
    }

    init(_ message: Switchboard__V1__FollowHeartbeat) throws(FieldError) {
        self.init(
            head: try Read.needed(message.head, "head"),
            epoch: message.epoch,
            digest: StateDigest(try message.digest.bits("digest")),
            nextEncoder: try message.next_encoder_id.optionalModel("next_encoder_id")
        )
    }

    func fill(_ message: inout Switchboard__V1__FollowHeartbeat, _ arena: inout Arena) {
        message.head = arena.message(of: head)
        message.epoch = epoch
        message.digest = arena.data(digest.sum)
        if let nextEncoder { message.next_encoder_id = arena.data(nextEncoder.bytes) }
    }
}
