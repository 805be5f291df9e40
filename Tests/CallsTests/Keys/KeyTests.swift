import Calls
import Core
import Messaging
import Synchronization
import Testing
import Wire

/// Clients with keys, and without, over real sockets.
@Suite(.timeLimit(.minutes(1))) struct KeyTests {
    private let admin = KeyPair.make()
    private let web = KeyPair.make()
    private let other = KeyPair.make()

    /// An admin, and a key that classifies in two verticals.
    private func keys() throws -> [KeySet] {
        [
            try KeyFixture.key("root", admin, [.admin]),
            try KeyFixture.key("web", web, [.classify], in: [try Vertical("shop"), try Vertical("bank")]),
        ]
    }

    /// - Returns: the error that a call ends with.
    private func error(of call: () async throws(SwitchboardError) -> Void) async -> SwitchboardError? {
        do {
            try await call()
            return nil
        } catch {
            return error
        }
    }

    private func failure(_ fixture: KeyFixture, _ channel: CallChannel) async -> SwitchboardError? {
        await error { () throws(SwitchboardError) in
            _ = try await channel.call(KeyFixture.classify, IntentsRequest())
        }
    }

    // MARK: Who comes in

    @Test func whoIsKnownComesInAndWhoIsAddedLater() async throws {
        let fixture = try await KeyFixture(try keys())
        let known = fixture.channel(web)
        #expect(try await fixture.classify(known) == "bank,shop")
        let stranger = fixture.channel(other)
        let refusal = await failure(fixture, stranger)
        #expect(refusal?.code == .unavailable)
        #expect(refusal?.message.contains("does not know this key") == true)
        fixture.ring.set(KeyRegister(try keys() + [try KeyFixture.key("late", other, [.classify])]))
        while await failure(fixture, stranger) != nil { try await Task.sleep(for: .milliseconds(20)) }
        #expect(try await fixture.classify(stranger) == "")
        await fixture.close([known, stranger])
    }

    @Test func aRefusalIsToldOnceAMinuteWithTheNextStep() async throws {
        let fixture = try await KeyFixture(try keys())
        let told = Mutex<[String]>([])
        let stranger = CallChannel(
            address: fixture.keyedAddress,
            keys: other,
            loop: fixture.clientLoop,
            context: fixture.clientContext
        ) { address, reason in told.withLock { $0.append("\(address): \(reason)") } }
        #expect(await failure(fixture, stranger)?.code == .unavailable)
        while fixture.acts.refusedHandshakes < 3 { try await Task.sleep(for: .milliseconds(20)) }
        await stranger.close()
        let words = told.withLock { $0 }
        #expect(words.count == 1)
        #expect(words.first?.hasPrefix("\(fixture.address): ") == true)
        #expect(words.first?.contains("keys add NAME --role ROLE --public-key '\(other.publicKey)'") == true)
        await fixture.close()
    }

    @Test func whoIsNeitherLetInNorRefusedIsToldWhy() async throws {
        let fixture = try await KeyFixture(try keys(), isFirstHand: false)
        let known = fixture.channel(web)
        let refusal = await error { () throws(SwitchboardError) in
            _ = try await known.call(KeyFixture.classify, IntentsRequest(), within: .seconds(1))
        }
        // libzmq closes the connection at once where the doorkeeper is very fast, and else when the handshake's time is over.
        #expect([.deadlineExceeded, .unavailable].contains(refusal?.code))
        #expect(refusal?.message.contains("does not hear from its updater") == true, "\(refusal?.message ?? "")")
        await fixture.close([known])
    }

    @Test func whoShowsNoKeyIsToldThatOneIsNeeded() async throws {
        let fixture = try await KeyFixture(try keys())
        let plain = fixture.channel(nil, to: fixture.address)
        let refusal = await failure(fixture, plain)
        #expect(refusal?.code == .unavailable)
        #expect(refusal?.message.contains("keys only") == true, "\(refusal?.message ?? "")")
        let keyless = fixture.channel(nil)
        let missing = await failure(fixture, keyless)
        #expect(missing?.code == .failedPrecondition)
        #expect(missing?.message.contains("--key FILE") == true)
        await fixture.close([plain, keyless])
    }

    @Test func aNodeWithAnotherKeyIsNotSpokenTo() async throws {
        let fixture = try await KeyFixture(try keys())
        let address = KeyedAddress(place: fixture.address, key: other.publicKey).description
        let channel = fixture.channel(web, to: address)
        let refusal = await failure(fixture, channel)
        #expect(refusal?.code == .unavailable)
        #expect(refusal?.message.contains("what the node prints") == true, "\(refusal?.message ?? "")")
        await fixture.close([channel])
    }

    @Test func aNodeWithoutKeysIsNotSpokenToWithOne() async throws {
        let plain = try await CallFixture()
        let address = KeyedAddress(place: plain.address, key: other.publicKey).description
        let channel = CallChannel(address: address, keys: web, loop: plain.clientLoop, context: plain.context)
        let refusal = await error { () throws(SwitchboardError) in
            _ = try await channel.call(CallFixture.echo, HealthRequest())
        }
        #expect(refusal?.code == .unavailable)
        #expect(refusal?.message.contains("uses no keys") == true, "\(refusal?.message ?? "")")
        await channel.close()
        await plain.close()
    }

    @Test func thisProcessNeedsNoKeyAndMayDoEverything() async throws {
        let fixture = try await KeyFixture(try keys())
        let within = CallChannel(address: "inproc://within", loop: fixture.clientLoop, context: fixture.context)
        #expect(try await fixture.classify(within) == "")
        #expect(try await within.call(KeyFixture.purge, HealthRequest()).status == .serving)
        #expect(fixture.acts.all.isEmpty)
        await fixture.close([within])
    }

    @Test func connectionsOfAKeyAreCounted() async throws {
        var limits = ConnectionLimits()
        limits.perKey = 2
        let fixture = try await KeyFixture(try keys(), limits: limits)
        let (first, second, third) = (fixture.channel(web), fixture.channel(web), fixture.channel(web))
        _ = try await fixture.classify(first)
        _ = try await fixture.classify(second)
        #expect(await failure(fixture, third)?.code == .unavailable)
        #expect(fixture.acts.all.contains { $0.reason.contains("2 connections with this key") })
        // Another key has connections of its own, and one that goes makes room.
        let root = fixture.channel(admin)
        _ = try await fixture.classify(root)
        await first.close()
        while await failure(fixture, third) != nil { try await Task.sleep(for: .milliseconds(20)) }
        await fixture.close([second, third, root])
    }

    @Test func connectionsOfAnAddressAreCounted() async throws {
        var limits = ConnectionLimits()
        limits.perAddress = 1
        let fixture = try await KeyFixture(try keys(), limits: limits)
        let (first, second) = (fixture.channel(web), fixture.channel(admin))
        _ = try await fixture.classify(first)
        #expect(await failure(fixture, second)?.code == .unavailable)
        #expect(fixture.acts.all.contains { $0.reason.contains("1 connections from its address") })
        await fixture.close([first, second])
    }

    // MARK: What they may do

    @Test func aCallBeyondTheRoleIsDeniedAndWrittenDown() async throws {
        let fixture = try await KeyFixture(try keys())
        let (channel, root) = (fixture.channel(web), fixture.channel(admin))
        let denial = await error { () throws(SwitchboardError) in
            _ = try await channel.call(KeyFixture.purge, HealthRequest())
        }
        #expect(denial?.code == .permissionDenied)
        #expect(denial?.message.contains("'web' (classify in bank, shop)") == true)
        _ = try await root.call(KeyFixture.purge, HealthRequest())
        let acts = fixture.acts.all
        #expect(acts.map(\.kind) == [.refused, .administrative])
        #expect(acts.map(\.key?.text) == ["web", "root"])
        #expect(acts.map(\.address) == ["127.0.0.1", "127.0.0.1"])
        #expect(acts.map(\.method) == [KeyFixture.purge.name, KeyFixture.purge.name])
        await fixture.close([channel, root])
    }

    @Test func whoErasesFromThePoolIsWrittenDown() async throws {
        let fixture = try await KeyFixture([
            try KeyFixture.key("root", admin, [.admin]), try KeyFixture.key("ann", other, [.review]),
        ])
        let reviewer = fixture.channel(other)
        _ = try await reviewer.call(KeyFixture.poolPurge, HealthRequest())
        #expect(fixture.acts.all.map(\.kind) == [.administrative])
        #expect(fixture.acts.all.map(\.key?.text) == ["ann"])
        #expect(fixture.acts.all.map(\.method) == ["switchboard.v1.Discovery/Purge"])
        await fixture.close([reviewer])
    }

    @Test func anotherVerticalIsDenied() async throws {
        let fixture = try await KeyFixture(try keys())
        let channel = fixture.channel(web)
        #expect(try await fixture.classify(channel, in: [try Vertical("shop")]) == "shop")
        let vertical = try Vertical("health")
        let denial = await error { () throws(SwitchboardError) in
            _ = try await channel.call(KeyFixture.classify, IntentsRequest(verticals: [vertical]))
        }
        #expect(denial?.code == .permissionDenied)
        #expect(fixture.acts.all.count == 1)
        await fixture.close([channel])
    }

    // MARK: Who is thrown out

    @Test func aRevokedKeysStreamsEndAndItsCallsAreRefused() async throws {
        let fixture = try await KeyFixture(try keys())
        let channel = fixture.channel(web)
        let stream = try await channel.open(KeyFixture.watch, HealthRequest())
        #expect(try await stream.next() != nil)
        fixture.ring.set(KeyRegister(try keys().map { $0.name.text == "web" ? $0.revoked : $0 }))
        await fixture.server.applyKeys()
        let end = await error { () throws(SwitchboardError) in _ = try await stream.next() }
        #expect(end?.code == .unauthenticated)
        // The connection is open still.
        #expect(await failure(fixture, channel)?.code == .unauthenticated)
        #expect(fixture.acts.all.allSatisfy { $0.kind == .refused && $0.key?.text == "web" })
        await fixture.close([channel])
    }

    /// Also before anybody has told the server that the keys have changed.
    @Test func everyMessageIsHeldAgainstItsKey() async throws {
        let fixture = try await KeyFixture(try keys())
        let channel = fixture.channel(web)
        let stream = try await channel.open(KeyFixture.watch, HealthRequest())
        #expect(try await stream.next() != nil)
        fixture.ring.set(KeyRegister([try keys()[0]]))
        #expect(await failure(fixture, channel)?.code == .unauthenticated)
        let end = await error { () throws(SwitchboardError) in _ = try await stream.next() }
        #expect(end?.code == .unauthenticated)
        await fixture.close([channel])
    }

    @Test func streamsOfAKeyWithOtherRightsBeginAnew() async throws {
        let fixture = try await KeyFixture(try keys())
        let channel = fixture.channel(web)
        let stream = try await channel.open(KeyFixture.watch, HealthRequest())
        #expect(try await stream.next() != nil)
        fixture.ring.set(KeyRegister([try keys()[0], try KeyFixture.key("web", web, [.publish])]))
        await fixture.server.applyKeys()
        let end = await error { () throws(SwitchboardError) in _ = try await stream.next() }
        #expect(end?.code == .aborted)
        #expect(await failure(fixture, channel)?.code == .permissionDenied)
        await fixture.close([channel])
    }

    @Test func aNodeWithoutKeysTakesNone() async throws {
        var services = ServiceTable()
        services.unary(Methods.append) { request, _ in
            AppendReply(
                receipt: AppendReceipt(
                    operation: request.batch.operation,
                    change: [],
                    position: LogPosition(log: Bits128(1), sequence: .start)
                )
            )
        }
        let plain = try await CallFixture(services: services)
        let batch = AppendBatch(
            operation: [1],
            source: "tests",
            author: "tests",
            commands: [.setKey(.add(try KeyFixture.key("root", admin, [.admin])))]
        )
        let refusal = await error { () throws(SwitchboardError) in
            _ = try await plain.channel.call(Methods.append, AppendRequest(batch: batch))
        }
        #expect(refusal?.code == .failedPrecondition)
        #expect(refusal?.message.contains("keys generate") == true)
        await plain.close()
    }
}
