package import Core
package import Wire

/// Sends the responses of a stream; waits while the caller grants nothing.
package struct StreamWriter<Response: WireMessage>: Sendable {
    let context: CallContext

    package func send(_ response: Response) async throws(SwitchboardError) {
        try await context.server.send(response.encoded(), to: context.serial)
    }

    /// The same for a body that holds something dear meanwhile: ends the call where the client does not take the message
    /// in time.
    package func send(_ response: Response, within limit: Duration) async throws(SwitchboardError) {
        try await context.server.send(response.encoded(), to: context.serial, within: limit)
    }

    /// Ends the call from outside of its body, which hears of it with the message that it sends or the next.
    package func end(_ error: SwitchboardError) async {
        await context.server.finish(context.serial, Status(error))
    }
}
