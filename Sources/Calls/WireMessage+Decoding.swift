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

    /// As `decoded`, of an answer: that it cannot be read is the fault of who gave it, not of who asked.
    ///
    /// - Parameter sender: who answered, such as `the worker retriever-1`.
    /// - Throws: `.internal`, naming it and what is wrong, without anybody's text; `.cancelled` as `decoded`.
    package static func decodedAnswer(_ payload: [UInt8], of sender: String) async throws(SwitchboardError) -> Self {
        do {
            return try await decoded(payload)
        } catch {
            guard error.code != .cancelled else { throw error }
            let message = name.split(separator: ".").last.map(String.init) ?? name
            throw SwitchboardError(.internal, "\(sender) answered what is no \(message) (\(error.message))")
        }
    }

    @concurrent
    private static func decodedElsewhere(_ payload: [UInt8]) async throws(SwitchboardError) -> Self {
        guard !Task.isCancelled else { throw SwitchboardError(.cancelled, "the call ended before it was read") }
        return try Self(decoding: payload)
    }
}
