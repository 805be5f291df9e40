package import Core

/// A value that travels as a protobuf message.
///
/// Decoding is the border: what comes out is valid by the rules of `Core`, whatever came in. A decoder never traps,
/// never holds more memory than its budget (`Limits`), and frees all C memory before it returns. Callable on any thread.
package protocol WireMessage: Sendable {
    /// Such as `switchboard.v1.ClassifyRequest`.
    static var name: String { get }

    /// - Throws: `.invalidArgument` where the bytes are no such message or a field is not acceptable, naming the field
    ///   and what is accepted; `.resourceExhausted` where the message is larger than `Limits.maximumBytes` or unpacks
    ///   to more than its budget.
    init(decoding bytes: UnsafeRawBufferPointer) throws(SwitchboardError)

    func encoded() -> [UInt8]
}

extension WireMessage {
    package init(decoding bytes: [UInt8]) throws(SwitchboardError) {
        // A closure that throws a concrete error loses its type in `withUnsafeBytes`, a `Result` keeps it.
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(SwitchboardError) in try Self(decoding: buffer) }
        }
        self = try result.get()
    }
}
