package import Core
package import Wire

/// The requests of a stream, in order; nil after the caller's last.
package struct StreamReader<Request: WireMessage>: Sendable {
    let context: CallContext

    /// - Throws: what ended the call, or `.invalidArgument` where a message cannot be read.
    package func next() async throws(SwitchboardError) -> Request? {
        guard let payload = try await context.server.nextMessage(of: context.serial) else { return nil }
        let request = try await Request.decoded(payload)
        return try context.admitted(request)
    }

    /// Ends the call from outside of its body, which hears of it with the next message that it reads or writes.
    package func end(_ error: SwitchboardError) async {
        await context.server.finish(context.serial, Status(error))
    }
}
