package import Core
package import Wire

/// The caller's end of a stream: sends requests as far as the server grants, reads responses in order.
///
/// One reader at a time. Whoever opens one reads it to its end or cancels it.
package struct ClientStream<Request: WireMessage, Response: WireMessage>: Sendable {
    let channel: CallChannel
    let callID: UInt64

    /// The next response; nil once the server has ended the call with OK.
    ///
    /// - Throws: what ended the call otherwise.
    package func next() async throws(SwitchboardError) -> Response? {
        guard let payload = try await channel.nextMessage(of: callID) else { return nil }
        return try await Response.decodedAnswer(payload, of: channel.address)
    }

    /// Waits while the server grants nothing.
    package func send(_ request: Request) async throws(SwitchboardError) {
        try await channel.sendMessage(request.encoded(), to: callID)
    }

    /// No more requests from here.
    package func finish() async { await channel.halfClose(callID) }

    /// Gives the call up.
    package func cancel() async { await channel.cancel(callID) }
}
