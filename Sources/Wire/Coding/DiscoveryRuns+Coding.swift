internal import CProtobufC
package import Core
internal import SwitchboardProtos

extension DiscoveryStartRequest: WireMessage, Coded {
    package static let name = "switchboard.v1.DiscoveryStartRequest"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__DiscoveryStartRequest>) {
        switchboard__v1__discovery_start_request__init(message)
    }

    init(_ message: Switchboard__V1__DiscoveryStartRequest) throws(FieldError) {
        self.init(
            pool: try message.pool.string("pool", atMost: DiscoveryAddRequest.maximumPoolBytes),
            verticals: try Read.verticals(message.verticals, message.n_verticals),
            settings: try Read.optional(message.settings, "settings") ?? DiscoverySettings(),
            isDryRun: message.dry_run != 0
        )
    }

    func fill(_ message: inout Switchboard__V1__DiscoveryStartRequest, _ arena: inout Arena) {
        message.pool = arena.characters(pool)
        message.n_verticals = verticals.count
        message.verticals = arena.strings(verticals)
        message.settings = arena.message(of: settings)
        message.dry_run = boolean(isDryRun)
    }
}

extension DiscoveryStartResponse: WireMessage, Coded {
    package static let name = "switchboard.v1.DiscoveryStartResponse"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__DiscoveryStartResponse>) {
        switchboard__v1__discovery_start_response__init(message)
    }

    init(_ message: Switchboard__V1__DiscoveryStartResponse) throws(FieldError) {
        self.init(run: try message.run_id.bits("run_id"))
    }

    func fill(_ message: inout Switchboard__V1__DiscoveryStartResponse, _ arena: inout Arena) {
        message.run_id = arena.data(run)
    }
}

extension DiscoveryCancelRequest: WireMessage, Coded {
    package static let name = "switchboard.v1.DiscoveryCancelRequest"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__DiscoveryCancelRequest>) {
        switchboard__v1__discovery_cancel_request__init(message)
    }

    init(_ message: Switchboard__V1__DiscoveryCancelRequest) throws(FieldError) {
        self.init(run: try message.run_id.bits("run_id"))
    }

    func fill(_ message: inout Switchboard__V1__DiscoveryCancelRequest, _ arena: inout Arena) {
        message.run_id = arena.data(run)
    }
}

extension DiscoveryCancelResponse: WireMessage, Coded {
    package static let name = "switchboard.v1.DiscoveryCancelResponse"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__DiscoveryCancelResponse>) {
        switchboard__v1__discovery_cancel_response__init(message)
    }

    init(_ message: Switchboard__V1__DiscoveryCancelResponse) throws(FieldError) {
        self.init()
    }

    func fill(_ message: inout Switchboard__V1__DiscoveryCancelResponse, _ arena: inout Arena) {
    }
}

extension DiscoveryWatchRequest: WireMessage, Coded {
    package static let name = "switchboard.v1.DiscoveryWatchRequest"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__DiscoveryWatchRequest>) {
        switchboard__v1__discovery_watch_request__init(message)
    }

    init(_ message: Switchboard__V1__DiscoveryWatchRequest) throws(FieldError) {
        self.init(run: try message.run_id.optionalBits("run_id"))
    }

    func fill(_ message: inout Switchboard__V1__DiscoveryWatchRequest, _ arena: inout Arena) {
        if let run { message.run_id = arena.data(run) }
    }
}

extension DiscoveryWatchResponse: WireMessage, Coded {
    package static let name = "switchboard.v1.DiscoveryWatchResponse"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__DiscoveryWatchResponse>) {
        switchboard__v1__discovery_watch_response__init(message)
    }

    init(_ message: Switchboard__V1__DiscoveryWatchResponse) throws(FieldError) {
        self.init(run: try message.run_id.bits("run_id"), progress: try Read.needed(message.progress, "progress"))
    }

    func fill(_ message: inout Switchboard__V1__DiscoveryWatchResponse, _ arena: inout Arena) {
        message.run_id = arena.data(run)
        message.progress = arena.message(of: progress)
    }
}
