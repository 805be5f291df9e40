import Messaging
import Testing

@Suite(.timeLimit(.minutes(1))) struct FloodTests {
    /// libzmq keeps the broken connection of whoever is not read, and aborts the process where it wants to send a
    /// heartbeat over it.
    @Test func whoeverFloodsAndGoesUnreadEndsNothing() async throws {
        let context = MessagingContext()
        let loop = PollLoop(name: "test")
        let server = RawPeer(loop: loop, context: context)
        let flooder = RawPeer(loop: loop, context: context)
        let address = try await server.listen(on: "tcp://127.0.0.1:*")
        try await flooder.connect(to: address)
        let call: [[UInt8]] = [[1], Array(repeating: 0, count: 1_000)]
        var sent = 0
        while sent < 100_000, (try? await flooder.send(call)) != nil { sent += 1 }
        // Answers that its end has not read make the connection break, and not only close.
        let caller = try await server.receiveFrames()[0]
        for _ in 0..<100 { try await server.send([caller] + call) }
        try await Task.sleep(for: .milliseconds(200))
        await flooder.close()

        // Long enough for a heartbeat a second.
        try await Task.sleep(for: .milliseconds(1_500))
        var received = 1
        for _ in 0..<Int(Socket.Limits().receiveHighWaterMark) {
            #expect(try await server.receiveFrames().dropFirst() == call[...])
            received += 1
        }
        #expect(received < sent, "the server never stopped reading: \(received) of \(sent)")
        await server.close()
        loop.stop()
        context.close()
    }
}
