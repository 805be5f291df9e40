internal import CProtobufC
package import Core
internal import SwitchboardProtos

extension SnapshotRequest: WireMessage, Coded {
    package static let name = "switchboard.v1.SnapshotRequest"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__SnapshotRequest>) {
        switchboard__v1__snapshot_request__init(message)
    }

    init(_ message: Switchboard__V1__SnapshotRequest) throws(FieldError) {
        let position: LogPosition? = try Read.optional(message.position, "position")
        self.init(
            begun: try SnapshotFile.read(position, message.checksum),
            offset: try Read.count(message.offset, "offset"),
            namesOnly: message.names_only != 0,
            makesNew: message.make != 0
        )
    }

    func fill(_ message: inout Switchboard__V1__SnapshotRequest, _ arena: inout Arena) {
        message.position = arena.message(ofAny: begun?.position)
        if let begun { message.checksum = arena.data(begun.checksum) }
        message.offset = UInt64(clamping: offset)
        message.names_only = boolean(namesOnly)
        message.make = boolean(makesNew)
    }
}

extension SnapshotResponse: WireMessage, Coded {
    package static let name = "switchboard.v1.SnapshotResponse"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__SnapshotResponse>) {
        switchboard__v1__snapshot_response__init(message)
    }

    init(_ message: Switchboard__V1__SnapshotResponse) throws(FieldError) {
        guard message.chunk.len <= Self.maximumChunkBytes else {
            throw FieldError(
                "chunk",
                "it has \(message.chunk.len) bytes; at most \(Self.maximumChunkBytes) are accepted"
            )
        }
        let position: LogPosition? = try Read.optional(message.position, "position")
        var beginning: Beginning?
        if let file = try SnapshotFile.read(position, message.checksum) {
            beginning = Beginning(file: file, size: try Read.count(message.size, "size"))
        }
        self.init(
            beginning: beginning,
            offset: try Read.count(message.offset, "offset"),
            chunk: message.chunk.payload
        )
    }

    func fill(_ message: inout Switchboard__V1__SnapshotResponse, _ arena: inout Arena) {
        message.position = arena.message(ofAny: beginning?.file.position)
        if let beginning {
            message.checksum = arena.data(beginning.file.checksum)
            message.size = UInt64(clamping: beginning.size)
        }
        message.offset = UInt64(clamping: offset)
        message.chunk = arena.data(chunk)
    }
}

extension SnapshotFile {
    /// - Returns: nil where neither is there.
    fileprivate static func read(
        _ position: LogPosition?,
        _ checksum: ProtobufCBinaryData,
    ) throws(FieldError) -> SnapshotFile? {
        guard let position else {
            guard checksum.isEmpty else { throw FieldError("position", "the checksum's position is needed") }
            return nil
        }
        let bytes = try checksum.opaque("checksum", atLeast: checksumBytes, atMost: checksumBytes)
        return SnapshotFile(position: position, checksum: bytes)
    }
}

extension TrimRequest: WireMessage, Coded {
    package static let name = "switchboard.v1.TrimRequest"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__TrimRequest>) {
        switchboard__v1__trim_request__init(message)
    }

    init(_ message: Switchboard__V1__TrimRequest) throws(FieldError) {
        guard message.before_seq > 0 else { throw FieldError("before_seq", "records are counted from 1") }
        self.init(before: LogSequence(message.before_seq))
    }

    func fill(_ message: inout Switchboard__V1__TrimRequest, _ arena: inout Arena) {
        message.before_seq = before.number
    }
}

extension TrimResponse: WireMessage, Coded {
    package static let name = "switchboard.v1.TrimResponse"

    package init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError) {
        self = try Self.decode(bytes, Self.name)
    }

    package func encoded() -> [UInt8] { encode() }

    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__TrimResponse>) {
        switchboard__v1__trim_response__init(message)
    }

    init(_ message: Switchboard__V1__TrimResponse) throws(FieldError) {
        self.init(first: LogSequence(message.first_seq))
    }

    func fill(_ message: inout Switchboard__V1__TrimResponse, _ arena: inout Arena) {
        message.first_seq = first.number
    }
}
