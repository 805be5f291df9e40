internal import CProtobufC
internal import Core

/// A value that has a C struct of protobuf-c beside it, by itself or as a part of another.
protocol Coded {
    /// Made by protoc-c; begins with a `ProtobufCMessage`.
    associatedtype Message

    /// Sets the descriptor and every field's default.
    static func initialise(_ message: UnsafeMutablePointer<Message>)

    /// Copies the value out and checks it.
    init(_ message: Message) throws(FieldError)

    /// Sets the fields; what they point at is in the arena.
    func fill(_ message: inout Message, _ arena: inout Arena)
}

/// Bytes on the stack with which an arena starts: a header or a small message fits.
private let stackBytes = 1024

extension Coded {
    /// Unpacks, copies out and frees.
    ///
    /// - Parameter name: the message's name, for the errors.
    static func decode(_ bytes: UnsafeRawBufferPointer, _ name: String) throws(SwitchboardError) -> Self {
        var held = 0
        return try decode(bytes, name, held: &held)
    }

    /// - Parameter held: becomes the bytes of heap that unpacking took; for tests.
    static func decode(
        _ bytes: UnsafeRawBufferPointer,
        _ name: String,
        held: inout Int,
    ) throws(SwitchboardError) -> Self {
        guard bytes.count <= Limits.maximumBytes else {
            throw SwitchboardError(
                .resourceExhausted,
                "\(shortened(name)): the message has \(bytes.count) bytes; at most \(Limits.maximumBytes) are accepted"
            )
        }
        do {
            return try withUnpacked(bytes, &held) { message throws(FieldError) in try Self(message.pointee) }
        } catch {
            throw error.error(in: shortened(name))
        }
    }

    /// Calls `body` with the C struct, which is gone afterwards.
    static func withUnpacked<Result>(
        _ bytes: UnsafeRawBufferPointer,
        _ held: inout Int,
        _ body: (UnsafePointer<Message>) throws(FieldError) -> Result,
    ) throws(FieldError) -> Result {
        try withUnsafeTemporaryAllocation(byteCount: stackBytes, alignment: 16) { first throws(FieldError) in
            var arena = Arena(first: first, budget: Limits.unpackingBudget(for: bytes.count))
            defer { held = arena.held }
            let unpacked = withUnsafeMutablePointer(to: &arena) { pointer in
                var allocator = allocator(over: pointer)
                return protobuf_c_message_unpack(
                    descriptor,
                    &allocator,
                    bytes.count,
                    bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
                )
            }
            guard let unpacked else {
                throw arena.isOverBudget
                    ? FieldError(
                        "",
                        "the message unpacks to more memory than its size allows",
                        code: .resourceExhausted
                    )
                    : FieldError("", "the bytes are not this message in protobuf's encoding")
            }
            return try body(UnsafeRawPointer(unpacked).assumingMemoryBound(to: Message.self))
        }
    }

    func encode() -> [UInt8] {
        withUnsafeTemporaryAllocation(byteCount: stackBytes, alignment: 16) { first in
            var arena = Arena(first: first, budget: .max)
            let message = UnsafeRawPointer(arena.message(of: self)).assumingMemoryBound(to: ProtobufCMessage.self)
            let size = protobuf_c_message_get_packed_size(message)
            return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
                count = protobuf_c_message_pack(message, buffer.baseAddress)
            }
        }
    }

    /// What protobuf-c knows of the message.
    static var descriptor: UnsafePointer<ProtobufCMessageDescriptor> {
        withUnsafeTemporaryAllocation(of: Message.self, capacity: 1) { buffer in
            // Not nil, as the buffer has room for one.
            let message = buffer.baseAddress!
            initialise(message)
            // Set by `initialise`.
            return UnsafeRawPointer(message).assumingMemoryBound(to: ProtobufCMessage.self).pointee.descriptor!
        }
    }
}

/// `ClassifyRequest` for `switchboard.v1.ClassifyRequest`.
private func shortened(_ name: String) -> String {
    String(name[(name.lastIndex(of: ".").map(name.index(after:)) ?? name.startIndex)...])
}
