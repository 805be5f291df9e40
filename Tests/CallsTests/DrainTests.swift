import Calls
import Core
import Messaging
import Testing
import Wire

/// What a server that leaves owes to those who have called it.
@Suite(.timeLimit(.minutes(1))) struct DrainTests {
    @Test func whatHasArrivedWhenNothingIsInFlightIsRefusedAndNotForgotten() async throws {
        let fixture = try await CallFixture(address: "inproc://drained")
        // On the server's loop, so that it can send where the server cannot read before it drains.
        let peer = RawPeer(loop: fixture.serverLoop, context: fixture.context)
        try await peer.connect(to: fixture.address)
        // The answer shows that the server knows this client.
        try await peer.open(CallFixture.echo, as: 1)
        #expect(try await peer.reply().status?.code ?? .ok == .ok)
        try await fixture.server.drain {
            try peer.assumeIsolated { peer in
                for number in 2...200 as ClosedRange<UInt64> { try peer.open(CallFixture.echo, as: number) }
            }
        }
        for number in 2...200 as ClosedRange<UInt64> {
            let reply = try await peer.reply()
            #expect(reply.callID == number)
            #expect(reply.status?.code == .unavailable)
        }
        await peer.close()
        await fixture.channel.close()
        fixture.clientLoop.stop()
        fixture.serverLoop.stop()
        fixture.context.close()
    }
}

extension CallServer {
    /// Drains at once after a step on its loop: between the two nothing is read.
    fileprivate func drain(after step: @Sendable () throws -> Void) async throws {
        try step()
        await drain(until: .now + .seconds(1))
    }
}
