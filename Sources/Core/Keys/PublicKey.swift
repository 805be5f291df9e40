/// The public half of a CURVE key pair: 32 bytes, for people 40 characters of Z85.
package struct PublicKey: Hashable, Sendable, CustomStringConvertible {
    package static let byteCount = 32
    package static let writtenCount = 40

    package let bytes: [UInt8]

    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = Array(bytes)
    }

    /// - Parameter text: 40 characters of Z85.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count == Self.writtenCount, let bytes = Z85.decode(text) else { return nil }
        self.bytes = bytes
    }

    package var description: String { Z85.encode(bytes) }
}
