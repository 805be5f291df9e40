package import Core
package import Wire

/// A large message takes a tenth of a second to decode, in which a loop would answer nobody; a small one takes less than
/// the trip elsewhere and back.
private let largestDecodedInPlace = 256 * 1024

extension WireMessage {
    /// As `init(decoding:)`; a large payload is decoded on Swift's pool, so that the caller's loop goes on meanwhile.
    ///
    /// - Throws: what `init(decoding:)` throws, and `.cancelled` where nobody waits for it any more.
    package static func decoded(_ payload: [UInt8]) async throws(SwitchboardError) -> Self {
        guard payload.count > largestDecodedInPlace else { return try Self(decoding: payload) }
        return try await decodedElsewhere(payload)
    }

    @concurrent
    private static func decodedElsewhere(_ payload: [UInt8]) async throws(SwitchboardError) -> Self {
        guard !Task.isCancelled else { throw SwitchboardError(.cancelled, "the call ended before it was read") }
        return try Self(decoding: payload)
    }
}
