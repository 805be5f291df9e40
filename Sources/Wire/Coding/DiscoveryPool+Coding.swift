internal import CProtobufC
package import Core
internal import SwitchboardProtos

extension PoolEntry: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__PoolEntry>) {
        switchboard__v1__pool_entry__init(message)
    }

    init(_ message: Switchboard__V1__PoolEntry) throws(FieldError) {
        self.init(
            requestID: try message.request_id.opaque("request_id", atMost: ClassifyRequest.maximumRequestIDBytes),
            text: try message.text.utterance("text"),
            vertical: try message.vertical.vertical("vertical"),
            role: try Role.optional(message.role, "role"),
            conversationID: try message.conversation_id.opaque("conversation_id"),
            origin: try message.origin.opaque("origin"),
            reason: try PoolReason(message.reason, "reason"),
            timeMicroseconds: message.time_us
        )
    }

    func fill(_ message: inout Switchboard__V1__PoolEntry, _ arena: inout Arena) {
        message.request_id = arena.data(requestID)
        message.text = arena.data(text.value)
        message.vertical = arena.characters(vertical.name)
        message.role = Role.number(of: role)
        message.conversation_id = arena.data(conversationID)
        message.origin = arena.data(origin)
        message.reason = reason.number
        message.time_us = timeMicroseconds
    }
}

extension DiscoveryAddRequest: WireMessage, Coded {
    package static let name = "switchboard.v1.DiscoveryAddRequest"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__DiscoveryAddRequest>) {
        switchboard__v1__discovery_add_request__init(message)
    }

    init(_ message: Switchboard__V1__DiscoveryAddRequest) throws(FieldError) {
        self.init(
            entries: try Read.messages(message.entries, message.n_entries, "entries", atMost: Self.maximumEntries),
            pool: try message.pool.string("pool", atMost: Self.maximumPoolBytes)
        )
    }

    func fill(_ message: inout Switchboard__V1__DiscoveryAddRequest, _ arena: inout Arena) {
        message.n_entries = entries.count
        message.entries = arena.messages(of: entries)
        message.pool = arena.characters(pool)
    }
}

extension DiscoveryAddResponse: WireMessage, Coded {
    package static let name = "switchboard.v1.DiscoveryAddResponse"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__DiscoveryAddResponse>) {
        switchboard__v1__discovery_add_response__init(message)
    }

    init(_ message: Switchboard__V1__DiscoveryAddResponse) throws(FieldError) {
        self.init(
            added: try Read.count(message.added, "added"),
            repeated: try Read.count(message.repeated, "repeated")
        )
    }

    func fill(_ message: inout Switchboard__V1__DiscoveryAddResponse, _ arena: inout Arena) {
        message.added = UInt64(clamping: added)
        message.repeated = UInt64(clamping: repeated)
    }
}

extension DiscoveryPurgeRequest: WireMessage, Coded {
    package static let name = "switchboard.v1.DiscoveryPurgeRequest"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__DiscoveryPurgeRequest>) {
        switchboard__v1__discovery_purge_request__init(message)
    }

    init(_ message: Switchboard__V1__DiscoveryPurgeRequest) throws(FieldError) {
        self.init(
            try PurgeSelection(
                exemplars: try Read.exemplars(message.exemplar_ids, message.n_exemplar_ids, "exemplar_ids"),
                origin: try message.origin.opaque("origin"),
                vertical: try message.vertical.optionalVertical("vertical")
            ),
            isDryRun: message.dry_run != 0
        )
    }

    func fill(_ message: inout Switchboard__V1__DiscoveryPurgeRequest, _ arena: inout Arena) {
        let (exemplars, origin, vertical) = selection.parts
        message.n_exemplar_ids = exemplars.count
        message.exemplar_ids = arena.datas(exemplars)
        message.origin = arena.data(origin)
        if let vertical { message.vertical = arena.characters(vertical.name) }
        message.dry_run = boolean(isDryRun)
    }
}

extension DiscoveryPurgeResponse: WireMessage, Coded {
    package static let name = "switchboard.v1.DiscoveryPurgeResponse"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__DiscoveryPurgeResponse>) {
        switchboard__v1__discovery_purge_response__init(message)
    }

    init(_ message: Switchboard__V1__DiscoveryPurgeResponse) throws(FieldError) {
        self.init(
            entries: try Read.count(message.entries, "entries"),
            proposals: try Read.count(message.proposals, "proposals")
        )
    }

    func fill(_ message: inout Switchboard__V1__DiscoveryPurgeResponse, _ arena: inout Arena) {
        message.entries = UInt64(clamping: entries)
        message.proposals = UInt64(clamping: proposals)
    }
}
