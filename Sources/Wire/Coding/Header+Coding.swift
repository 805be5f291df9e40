internal import CProtobufC
package import Core
internal import SwitchboardProtos

extension Header: WireMessage, Coded {
    package static let name = "switchboard.v1.Header"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        guard bytes.count <= Limits.maximumHeaderBytes else {
            throw SwitchboardError.invalid(
                "Header: it has \(bytes.count) bytes; at most \(Limits.maximumHeaderBytes) are accepted"
            )
        }
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    /// The call id of a header that is refused, so that its sender gets an answer. Nil where it is not among the first
    /// fields: a serialiser writes them in the order of their numbers, and whoever sends something else is not to cost
    /// more than that.
    package static func callID(ofRefused bytes: UnsafeRawBufferPointer) -> UInt64? {
        var fields = FieldScan(bytes)
        for _ in 0..<16 {
            guard let field = fields.next() else { return nil }
            if field.number == 3, let value = field.value { return value }
        }
        return nil
    }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__Header>) {
        switchboard__v1__header__init(message)
    }

    init(_ message: Switchboard__V1__Header) throws(FieldError) {
        guard message.version == Self.version else {
            throw FieldError(
                "version",
                "version \(message.version) is not accepted; \(Self.version) is",
                code: message.version > Self.version ? .unimplemented : .invalidArgument
            )
        }
        kind = try FrameKind(message.kind, "kind")
        callID = message.call_id
        method = try message.method.string("method")
        timeLeft = Read.optionalDuration(message.time_left_us)
        grant = Int(message.grant)
        byteLimit = Int(clamping: message.byte_limit)
        status = try Read.optional(message.status, "status")
        metadata = try Read.messages(message.metadata, message.n_metadata, "metadata", atMost: Limits.maximumAttributes)
    }

    func fill(_ message: inout Switchboard__V1__Header, _ arena: inout Arena) {
        message.version = Self.version
        message.kind = kind.number
        message.call_id = callID
        if !method.isEmpty { message.method = arena.characters(method) }
        message.time_left_us = microseconds(said: timeLeft)
        message.grant = UInt32(clamping: grant)
        message.byte_limit = UInt64(clamping: byteLimit)
        message.status = arena.message(ofAny: status)
        message.n_metadata = metadata.count
        message.metadata = arena.messages(of: metadata)
    }
}

extension Status: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__Status>) {
        switchboard__v1__status__init(message)
    }

    /// A code that this side does not know counts as UNKNOWN, as in gRPC: whoever waits has to learn that the call ended.
    init(_ message: Switchboard__V1__Status) throws(FieldError) {
        code = StatusCode(rawValue: message.code.rawValue) ?? .unknown
        self.message = message.message.mended
        retryAfter = Read.optionalDuration(message.retry_after_us)
    }

    func fill(_ message: inout Switchboard__V1__Status, _ arena: inout Arena) {
        message.code = Switchboard__V1__StatusCode(rawValue: code.rawValue)
        if !self.message.isEmpty { message.message = arena.data(self.message.start(atMost: Limits.maximumTextBytes)) }
        message.retry_after_us = microseconds(said: retryAfter)
    }
}

extension Metadata: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__Metadata>) {
        switchboard__v1__metadata__init(message)
    }

    init(_ message: Switchboard__V1__Metadata) throws(FieldError) {
        key = try message.key.string("key")
        value = try message.value.opaque("value", atMost: Limits.maximumTextBytes)
    }

    func fill(_ message: inout Switchboard__V1__Metadata, _ arena: inout Arena) {
        message.key = arena.characters(key)
        message.value = arena.data(value)
    }
}

extension String {
    /// As many whole characters as fit into so many bytes: the header of a reply must not become too long to be read.
    fileprivate func start(atMost limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var end = utf8.index(utf8.startIndex, offsetBy: limit)
        while end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
        return String(self[..<end])
    }
}
