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
        // Until neither queue nor kernel has taken one for a while: the server's libzmq reads no more.
        var refusals = 0
        while refusals < 30 {
            if (try? await flooder.send(call)) != nil {
                (sent, refusals) = (sent + 1, 0)
            } else {
                refusals += 1
                try await Task.sleep(for: .milliseconds(10))
            }
        }
        // Answers that its end has not read make the connection break, and not only close.
        let caller = try await server.receiveFrames()[0]
        for _ in 0..<100 { try await server.send([caller] + call) }
        try await Task.sleep(for: .milliseconds(200))
        await flooder.close()

        // Long enough for a heartbeat a second.
        try await Task.sleep(for: .milliseconds(1_500))
        let waiting = Int(Socket.Limits().receiveHighWaterMark)
        #expect(waiting < sent)
        // What had come by then is there; the rest went with the connection.
        for _ in 0..<waiting / 2 { #expect(try await server.receiveFrames().dropFirst() == call[...]) }
        await server.close()
        loop.stop()
        context.close()
    }
}
