import Core
import Messaging
import Testing
import Wire

@testable import Calls

/// How clients share the calls that a service takes.
@Suite(.timeLimit(.minutes(1))) struct CallSharesTests {
    @Test(arguments: 1...6) func whateverSomeSendAPlaceIsLeftForAnother(flooding: Int) {
        var shares = CallShares()
        let places = 1_024
        for round in 0..<places {
            let client = ClientIdentity([UInt8(round % flooding)])
            if shares.hasRoom(for: client, of: places) { shares.add(client) }
        }
        let newcomer = ClientIdentity([255])
        var got = 0
        while shares.hasRoom(for: newcomer, of: places) {
            shares.add(newcomer)
            got += 1
        }
        #expect(got >= places / (flooding + 1) / 2)
    }

    @Test func whatEndedIsFreeAgain() {
        var shares = CallShares()
        let (one, other) = (ClientIdentity([1]), ClientIdentity([2]))
        while shares.hasRoom(for: one, of: 8) { shares.add(one) }
        #expect(!shares.hasRoom(for: one, of: 8))
        #expect(shares.hasRoom(for: other, of: 8))
        for _ in 0..<8 { shares.remove(one) }
        #expect(shares.hasRoom(for: one, of: 8))
        shares.remove(other)
        #expect(shares.hasRoom(for: other, of: 1))
    }

    @Test func whoIsRefusedIsToldHowLongCallsTake() {
        var shares = CallShares()
        #expect(shares.retryAfter == .milliseconds(50))
        for _ in 0..<10 { shares.answered(after: .milliseconds(300)) }
        #expect(shares.retryAfter >= .milliseconds(300) && shares.retryAfter < .milliseconds(340))
        for _ in 0..<100 { shares.answered(after: .seconds(30)) }
        #expect(shares.retryAfter == .seconds(2))
        for _ in 0..<10_000 { shares.answered(after: .microseconds(1)) }
        #expect(shares.retryAfter == .milliseconds(10))
    }

    @Test func aFloodOfOneSocketLeavesRoomForAnother() async throws {
        var limits = CallServer.Limits()
        limits.callsPerService = 8
        let fixture = try await CallFixture(limits: limits)
        let flood = try await RawPeer.connected(to: fixture)
        for callID in 1...8 { try await flood.open(CallFixture.sleep, as: UInt64(callID), within: .seconds(30)) }
        for callID in 5...8 {
            let refused = try await flood.reply()
            #expect(refused.callID == UInt64(callID))
            #expect(refused.status?.code == .resourceExhausted)
            #expect(refused.status?.retryAfter != nil)
        }
        let response = try await fixture.channel.call(CallFixture.echo, HealthRequest(service: "me too"))
        #expect(response.reason == "me too")
        await flood.close()
        await fixture.close()
    }

    /// A few large calls that wait for long are not all that a service takes.
    @Test func bytesOfOneSocketLeaveRoomForThoseOfAnother() async throws {
        var limits = CallServer.Limits()
        limits.bytesPerService = 40 * 1024
        let fixture = try await CallFixture(limits: limits)
        let metadata = [Metadata(key: "x", value: [UInt8](repeating: 1, count: 8 * 1024))]
        func sleep(_ peer: RawPeer, as callID: UInt64) async throws {
            let method = CallFixture.sleep.name
            try await peer.send(
                Header(kind: .call, callID: callID, method: method, timeLeft: .seconds(30), metadata: metadata)
            )
        }
        let flood = try await RawPeer.connected(to: fixture)
        for callID: UInt64 in 1...5 { try await sleep(flood, as: callID) }
        for callID: UInt64 in 3...5 {
            let refused = try await flood.reply()
            #expect(refused.callID == callID)
            #expect(refused.status?.code == .resourceExhausted)
        }
        let other = try await RawPeer.connected(to: fixture)
        for callID: UInt64 in 1...2 { try await sleep(other, as: callID) }
        // The first was taken.
        #expect(try await other.reply().callID == 2)
        for peer in [flood, other] {
            for callID: UInt64 in 1...2 { try await peer.send(Header(kind: .cancel, callID: callID)) }
        }
        while await fixture.server.openCalls > 0 { await Task.yield() }
        await flood.close()
        await other.close()
        await fixture.close()
    }

    @Test func idleStreamsOfOneSocketLeaveRoomForAnother() async throws {
        var limits = CallServer.Limits()
        limits.streamsPerService = 4
        let fixture = try await CallFixture(limits: limits)
        let flood = try await RawPeer.connected(to: fixture)
        for callID in 1...4 { try await flood.open(CallFixture.mirror, as: UInt64(callID)) }
        for callID in 3...4 {
            let refused = try await flood.reply()
            #expect(refused.callID == UInt64(callID))
            #expect(refused.status?.code == .resourceExhausted)
        }
        let other = try await RawPeer.connected(to: fixture)
        for callID in 1...2 { try await other.open(CallFixture.mirror, as: UInt64(callID)) }
        // The first was taken.
        #expect(try await other.reply().callID == 2)
        await flood.close()
        await other.close()
        await fixture.close()
    }
}
