import Core
import Messaging
import Synchronization
import Testing
import Wire

@testable import Calls

@Suite(.timeLimit(.minutes(1))) struct BoundsTests {
    static let pour = Method<HealthRequest, WorkerMessage>("test.v1.Test/Pour", limits: .stream)
    static let park = Method<WorkerMessage, HealthResponse>("test.v1.Test/Park", limits: .stream)
    static let measure = Method<WorkerMessage, HealthResponse>("test.v1.Test/Measure", limits: .stream)
    static let bulk = Method<HealthRequest, WorkerMessage>("test.v1.Test/Bulk")
    static let weigh = Method<WorkerMessage, HealthResponse>("test.v1.Test/Weigh")
    static let busy = Method<HealthRequest, HealthResponse>("test.v1.Test/Busy")

    static func message(_ number: Int, bytes: Int) -> WorkerMessage {
        .result(WorkerResult(callID: UInt64(number), payload: [UInt8](repeating: 1, count: bytes)))
    }

    // MARK: Sending

    @Test func aClientThatDoesNotReadHoldsUpTheSenderWhateverItGranted() async throws {
        let count = 200
        let sent = Counter()
        var services = CallFixture.services()
        services.serverStream(Self.pour) { _, writer, _ in
            for number in 0..<count {
                try await writer.send(Self.message(number, bytes: 512 * 1024))
                sent.increment()
            }
        }
        let fixture = try await CallFixture(services: services)
        let peer = try await RawPeer.connected(to: fixture)
        try await peer.open(Self.pour, as: 1, grant: Int(UInt32.max))
        while sent.value == 0 { await Task.yield() }
        var seen = 0
        repeat {
            seen = sent.value
            for _ in 0..<200 { _ = try await fixture.channel.call(CallFixture.echo, HealthRequest()) }
        } while sent.value > seen
        // The share of a client, and what the system's buffers of a connection hold.
        #expect(sent.value < count / 2)
        // What was granted once is enough, for a client that reads.
        for number in 0..<count {
            var (header, payload) = try await peer.receive()
            while header.kind == .grant { (header, payload) = try await peer.receive() }
            #expect(header.kind == .message)
            guard case .result(let result) = try WorkerMessage(decoding: payload) else {
                Issue.record("not the message that was sent")
                break
            }
            #expect(result.callID == UInt64(number))
        }
        let reply = try await peer.reply()
        #expect(reply.status?.code ?? .ok == .ok)
        await peer.close()
        await fixture.close()
    }

    @Test func aStreamThatIsGivenUpWhileItWaitsEndsItsBody() async throws {
        let (ends, tell) = AsyncStream<Void>.makeStream()
        let sent = Counter()
        var services = CallFixture.services()
        services.serverStream(Self.pour) { _, writer, _ in
            defer { tell.finish() }
            while true {
                try await writer.send(Self.message(0, bytes: 512 * 1024))
                sent.increment()
            }
        }
        var limits = CallServer.Limits()
        limits.unsentBytesPerClient = 1
        let fixture = try await CallFixture(limits: limits, services: services)
        let peer = try await RawPeer.connected(to: fixture)
        try await peer.open(Self.pour, as: 1, grant: Int(UInt32.max))
        while sent.value == 0 { await Task.yield() }
        try await peer.send(Header(kind: .cancel, callID: 1))
        for await _ in ends {}
        while await fixture.server.openCalls > 0 { await Task.yield() }
        await peer.close()
        await fixture.close()
    }

    @Test func callsOfAClientThatHasGoneAreDropped() async throws {
        let fixture = try await CallFixture()
        let peer = try await RawPeer.connected(to: fixture)
        let start = ContinuousClock.now
        for callID in 1...100 { try await peer.open(CallFixture.sleep, as: UInt64(callID), within: .seconds(30)) }
        // Its reply is the one that finds nobody.
        try await peer.open(CallFixture.sleep, as: 101, within: .seconds(2))
        while await fixture.server.openCalls < 101 { await Task.yield() }
        await peer.close()
        while await fixture.server.openCalls > 0 { await Task.yield() }
        #expect(.now - start < .seconds(20))
        await fixture.close()
    }

    @Test func whatWaitsForManyClientsThatDoNotReadIsBounded() async throws {
        let bytes = 64 * 1024
        var services = CallFixture.services()
        services.unary(Self.bulk) { _, _ in Self.message(1, bytes: bytes) }
        var limits = CallServer.Limits()
        limits.unsentBytesPerClient = 1
        limits.waitingBytesPerServer = 20 * bytes
        let refused = Reasons()
        // In one process nothing is on the way but what is counted.
        let fixture = try await CallFixture(
            address: "inproc://many-that-do-not-read",
            limits: limits,
            services: services,
            events: CallEvents(refused: { refused.add($0) })
        )
        var peers: [RawPeer] = []
        for _ in 0..<20 { peers.append(try await RawPeer.connected(to: fixture)) }
        for callID: UInt64 in 1...8 {
            for peer in peers { try await peer.open(Self.bulk, as: callID, within: .seconds(30)) }
        }
        // Others are answered all the while; of those that read nothing every call has come in then.
        var answered = 0
        repeat {
            let response = try await fixture.channel.call(CallFixture.echo, HealthRequest(service: "still here"))
            #expect(response.reason == "still here")
            answered += 1
            let held = await fixture.server.heldBytes
            #expect(held.waiting <= limits.waitingBytesPerServer)
            #expect(held.unsent <= peers.count * (bytes + 1_024))
        } while await fixture.server.openCalls > 0 || answered < 100
        #expect(refused.all.contains("client_does_not_read"))
        // Whoever reads after all finds one answer to each call.
        var exhausted = 0
        for peer in peers {
            var callIDs: Set<UInt64> = []
            for _ in 1...8 {
                let reply = try await peer.reply()
                callIDs.insert(reply.callID)
                let code = reply.status?.code ?? .ok
                #expect(code == .ok || code == .resourceExhausted)
                if code == .resourceExhausted { exhausted += 1 }
            }
            #expect(callIDs.count == 8)
        }
        #expect(exhausted > 0 && exhausted < 160)
        for peer in peers { await peer.close() }
        await fixture.close()
    }

    // MARK: Receiving

    @Test func aStreamWhoseMessagesAreNotReadIsEndedAndGivesItsShareBack() async throws {
        var services = CallFixture.services()
        services.bothWays(Self.park) { _, _, _ in try await Task.sleep(for: .seconds(30)) }
        var limits = CallServer.Limits()
        limits.unreadBytesPerClient = 1024 * 1024
        let fixture = try await CallFixture(limits: limits, services: services)
        let peer = try await RawPeer.connected(to: fixture)
        let half = [UInt8](repeating: 1, count: 512 * 1024)
        try await peer.open(Self.park, as: 1)
        for _ in 0..<3 { try await peer.send(Header(kind: .message, callID: 1), half) }
        let refused = try await peer.reply()
        #expect(refused.callID == 1)
        #expect(refused.status?.code == .resourceExhausted)
        #expect(refused.status?.retryAfter != nil)
        try await peer.open(Self.park, as: 2)
        for _ in 0..<2 { try await peer.send(Header(kind: .message, callID: 2), half) }
        try await peer.open(CallFixture.echo, as: 3)
        let echoed = try await peer.reply()
        #expect(echoed.callID == 3)
        #expect(echoed.status?.code ?? .ok == .ok)
        await peer.close()
        await fixture.close()
    }

    @Test func largeMessagesThatAreReadComeAllAndInOrder() async throws {
        var services = CallFixture.services()
        services.bothWays(Self.measure) { reader, writer, _ in
            while case .result(let result)? = try await reader.next() {
                let reason = "\(result.callID) \(result.payload.count)"
                try await writer.send(HealthResponse(status: .serving, reason: reason))
            }
        }
        let fixture = try await CallFixture(services: services)
        let stream = try await fixture.channel.open(Self.measure)
        // Small ones first, so that the window is wide when the large ones come.
        let sizes = [Int](repeating: 10, count: 100) + [Int](repeating: 1024 * 1024, count: 40)
        async let sending: Void = {
            for (number, size) in sizes.enumerated() { try await stream.send(Self.message(number, bytes: size)) }
            await stream.finish()
        }()
        var count = 0
        while let response = try await stream.next() {
            #expect(response.reason == "\(count) \(sizes[count])")
            count += 1
        }
        try await sending
        #expect(count == sizes.count)
        await fixture.close()
    }

    /// Granted by the dozen while they were small, large ones are held back by their bytes until the reader goes on.
    @Test(arguments: [true, false]) func aSenderWhoseMessagesGrowWaitsForTheReader(isToServer: Bool) async throws {
        let (small, large, bytes) = (100, 40, 1024 * 1024)
        let sizes = [Int](repeating: 10, count: small) + [Int](repeating: bytes, count: large)
        let sent = Counter()
        let (gate, open) = AsyncStream<Void>.makeStream()
        var services = CallFixture.services()
        services.bothWays(Self.park) { reader, writer, _ in
            var count = 0
            while case .result? = try await reader.next() {
                count += 1
                if count == small { for await _ in gate {} }
            }
            try await writer.send(HealthResponse(status: .serving, reason: String(count)))
        }
        services.serverStream(Self.pour) { _, writer, _ in
            for (number, size) in sizes.enumerated() {
                try await writer.send(Self.message(number, bytes: size))
                sent.increment()
            }
        }
        let fixture = try await CallFixture(services: services)
        let channel = fixture.channel
        func settled() async throws {
            while sent.value < small { await Task.yield() }
            var seen = 0
            repeat {
                seen = sent.value
                for _ in 0..<200 { _ = try await channel.call(CallFixture.echo, HealthRequest()) }
            } while sent.value > seen
            #expect(sent.value <= small + StreamState.windowBytes / bytes + 1)
        }
        if isToServer {
            let stream = try await channel.open(Self.park)
            async let sending: Void = {
                for (number, size) in sizes.enumerated() {
                    try await stream.send(Self.message(number, bytes: size))
                    sent.increment()
                }
                await stream.finish()
            }()
            try await settled()
            open.finish()
            try await sending
            #expect(try await stream.next()?.reason == String(sizes.count))
            #expect(try await stream.next() == nil)
        } else {
            let stream = try await channel.open(Self.pour, HealthRequest())
            for _ in 0..<small { _ = try await stream.next() }
            try await settled()
            var count = small
            while try await stream.next() != nil { count += 1 }
            #expect(count == sizes.count)
        }
        await fixture.close()
    }

    @Test(arguments: [10, 100_000, 3_000_000]) func aRequestOfAnySizeIsAnswered(bytes: Int) async throws {
        var services = CallFixture.services()
        services.unary(Self.weigh) { message, _ in
            guard case .result(let result) = message else { throw SwitchboardError.invalid("a result is wanted") }
            return HealthResponse(status: .serving, reason: String(result.payload.count))
        }
        let fixture = try await CallFixture(services: services)
        let response = try await fixture.channel.call(
            Self.weigh,
            Self.message(1, bytes: bytes),
            within: .seconds(30)
        )
        #expect(response.reason == String(bytes))
        await fixture.close()
    }

    // MARK: Counting

    @Test func idleStreamsKeepNoCallsOut() async throws {
        var limits = CallServer.Limits()
        limits.callsPerService = 2
        limits.streamsPerService = 3
        limits.streamsPerClient = 2
        let fixture = try await CallFixture(limits: limits)
        let first = try await RawPeer.connected(to: fixture)
        for callID in 1...3 { try await first.open(CallFixture.mirror, as: UInt64(callID)) }
        let ofOneClient = try await first.reply()
        #expect(ofOneClient.callID == 3)
        #expect(ofOneClient.status?.code == .resourceExhausted)
        let second = try await RawPeer.connected(to: fixture)
        for callID in 1...2 { try await second.open(CallFixture.mirror, as: UInt64(callID)) }
        let ofAll = try await second.reply()
        #expect(ofAll.callID == 2)
        #expect(ofAll.status?.code == .resourceExhausted)
        let response = try await fixture.channel.call(CallFixture.echo, HealthRequest(service: "still here"))
        #expect(response.reason == "still here")
        await first.close()
        await second.close()
        await fixture.close()
    }

    @Test func aDeadlineIsKeptWhileManyMessagesComeIn() async throws {
        var services = CallFixture.services()
        services.unary(Self.busy) { _, _ in
            let end = ContinuousClock.now + .milliseconds(5)
            while ContinuousClock.now < end {}
            return HealthResponse(status: .serving)
        }
        let fixture = try await CallFixture(services: services)
        let peer = try await RawPeer.connected(to: fixture)
        try await peer.open(CallFixture.sleep, as: 1, within: .milliseconds(10))
        for callID in 2...61 { try await peer.open(Self.busy, as: UInt64(callID), within: .seconds(30)) }
        var order: [UInt64] = []
        for _ in 1...61 { order.append(try await peer.reply().callID) }
        let place = try #require(order.firstIndex(of: 1))
        #expect(place < 30)
        await peer.close()
        await fixture.close()
    }

    // MARK: Routes and headers

    @Test func aRouteWithALongFrameIsDroppedAndCounted() async throws {
        let refused = Reasons()
        let fixture = try await CallFixture(events: CallEvents(refused: { refused.add($0) }))
        let peer = try await RawPeer.connected(to: fixture)
        let header = Header(kind: .call, callID: 1, method: CallFixture.echo.name).encoded()
        for bytes in [256, 1024 * 1024, 255] {
            let route = [UInt8](repeating: 1, count: bytes)
            try await peer.send([route, header, HealthRequest(service: String(bytes)).encoded()])
        }
        let answer = try await HealthResponse(decoding: peer.receive().payload)
        #expect(answer.reason == "255")
        #expect(refused.all == ["long_route", "long_route"])
        await peer.close()
        await fixture.close()
    }

    @Test func aHeaderThatIsTooLongIsRefusedByItsCallID() async throws {
        let fixture = try await CallFixture()
        let peer = try await RawPeer.connected(to: fixture)
        let value = Metadata(key: "x", value: [UInt8](repeating: 1, count: 8 * 1024))
        for (callID, count) in [(7, 8), (8, 7)] {
            let metadata = [Metadata](repeating: value, count: count)
            let header = Header(kind: .call, callID: UInt64(callID), method: CallFixture.echo.name, metadata: metadata)
            try await peer.send(header)
        }
        let refused = try await peer.reply()
        #expect(refused.callID == 7)
        #expect(refused.status?.code == .invalidArgument)
        #expect(refused.status?.message.contains("65536") == true)
        let answered = try await peer.reply()
        #expect(answered.callID == 8)
        #expect(answered.status?.code ?? .ok == .ok)
        await peer.close()
        await fixture.close()
    }

    @Test func headersCountAsBytesInFlight() async throws {
        var limits = CallServer.Limits()
        limits.bytesPerService = 40 * 1024
        let fixture = try await CallFixture(limits: limits)
        let peer = try await RawPeer.connected(to: fixture)
        let metadata = [Metadata(key: "x", value: [UInt8](repeating: 1, count: 8 * 1024))]
        for callID: UInt64 in 1...3 {
            let time = Duration.seconds(30)
            let method = CallFixture.sleep.name
            try await peer.send(
                Header(kind: .call, callID: callID, method: method, timeLeft: time, metadata: metadata)
            )
        }
        let refused = try await peer.reply()
        #expect(refused.callID == 3)
        #expect(refused.status?.code == .resourceExhausted)
        for callID: UInt64 in 1...2 { try await peer.send(Header(kind: .cancel, callID: callID)) }
        while await fixture.server.openCalls > 0 { await Task.yield() }
        await peer.close()
        await fixture.close()
    }

    @Test func anAnswerWhoseHeaderCannotBeReadEndsItsCall() async throws {
        let context = MessagingContext()
        let (serverLoop, clientLoop) = (PollLoop(), PollLoop())
        let server = RawPeer(loop: serverLoop, context: context)
        let address = try await server.listen(on: "inproc://newer")
        let channel = CallChannel(address: address, loop: clientLoop, context: context)
        let call = Task { try await channel.call(CallFixture.echo, HealthRequest(), within: .seconds(3_600)) }
        let asked = try await server.receiveFrames()
        let callID = try Header(decoding: asked[1]).callID
        var header = Header(kind: .reply, callID: callID).encoded()
        try #require(header.starts(with: [0x08, 0x01]))
        header[1] = 2
        try await server.send([asked[0], header, []])
        await #expect { try await call.value } throws: { ($0 as? SwitchboardError)?.code == .internal }
        await channel.close()
        await server.close()
        clientLoop.stop()
        serverLoop.stop()
        context.close()
    }

    @Test func aStreamNeedsACallID() async throws {
        let fixture = try await CallFixture()
        let peer = try await RawPeer.connected(to: fixture)
        try await peer.open(CallFixture.mirror, as: 0)
        let reply = try await peer.reply()
        #expect(reply.status?.code == .invalidArgument)
        #expect(reply.status?.message.contains("call id") == true)
        await peer.close()
        await fixture.close()
    }

    @Test func aHeaderOfANewerVersionIsAnsweredWithItsCallID() async throws {
        let fixture = try await CallFixture()
        let peer = try await RawPeer.connected(to: fixture)
        // Fields 1 to 3: version 2, a call, id 7.
        try await peer.send([[0x08, 2, 0x10, 1, 0x18, 7], []])
        let reply = try await peer.reply()
        #expect(reply.callID == 7)
        #expect(reply.status?.code == .unimplemented)
        await peer.close()
        await fixture.close()
    }

    @Test func aHeaderThatIsRefusedDoesNotEndTheCallThatIsOpen() async throws {
        let fixture = try await CallFixture()
        let peer = try await RawPeer.connected(to: fixture)
        try await peer.open(CallFixture.sleep, as: 7, within: .milliseconds(200))
        try await peer.send([[0x08, 2, 0x10, 6, 0x18, 7], []])
        // On a slow machine the deadline may come first.
        let replies = [try await peer.reply(), try await peer.reply()]
        #expect(replies.contains { $0.callID == 0 })
        #expect(replies.first { $0.callID == 7 }?.status?.code == .deadlineExceeded)
        await peer.close()
        await fixture.close()
    }
}

/// Why input was refused, in order.
final class Reasons: Sendable {
    private let words = Mutex<[String]>([])
    var all: [String] { words.withLock { $0 } }
    func add(_ word: String) { words.withLock { $0.append(word) } }
}
