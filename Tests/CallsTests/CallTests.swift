import Calls
import Core
import Foundation
import Messaging
import Synchronization
import Testing
import Wire

@Suite(.timeLimit(.minutes(1))) struct CallTests {
    @Test(arguments: ["tcp://127.0.0.1:*", "inproc://calls", "ipc"])
    func answersUnaryCalls(address: String) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let fixture = try await CallFixture(address: address == "ipc" ? "ipc://\(folder.path)/s" : address)
        for number in 0..<100 {
            let response = try await fixture.channel.call(CallFixture.echo, HealthRequest(service: "n\(number)"))
            #expect(response.reason == "n\(number)")
        }
        await fixture.close()
    }

    @Test func answersManyCallsAtOnceEachOnce() async throws {
        let fixture = try await CallFixture()
        let channel = fixture.channel
        let answers = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<200 {
                group.addTask {
                    try await channel.call(CallFixture.echo, HealthRequest(service: String(number))).reason
                }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(answers == Set((0..<200).map(String.init)))
        await fixture.close()
    }

    @Test func endsACallAtItsDeadlineAndCancelsItsBody() async throws {
        let (ends, tell) = AsyncStream<Void>.makeStream()
        let fixture = try await CallFixture(services: CallFixture.services(cancelled: { tell.finish() }))
        await #expect {
            try await fixture.channel.call(CallFixture.sleep, HealthRequest(), within: .milliseconds(50))
        } throws: {
            ($0 as? SwitchboardError)?.code == .deadlineExceeded
        }
        for await _ in ends {}
        await fixture.close()
    }

    @Test func cancellationOfTheCallersTaskReachesTheBody() async throws {
        let (ends, tell) = AsyncStream<Void>.makeStream()
        let fixture = try await CallFixture(services: CallFixture.services(cancelled: { tell.finish() }))
        let channel = fixture.channel
        // The echo behind it shows that the sleeping call has reached the server.
        let sleeping = Task { try await channel.call(CallFixture.sleep, HealthRequest(), within: .seconds(30)) }
        while await fixture.server.openCalls == 0 { await Task.yield() }
        sleeping.cancel()
        await #expect { try await sleeping.value } throws: { ($0 as? SwitchboardError)?.code == .cancelled }
        for await _ in ends {}
        await fixture.close()
    }

    @Test func failsFastWhereNobodyListens() async throws {
        let context = MessagingContext()
        let loop = PollLoop()
        // Port 9 of the loopback: nobody serves the discard protocol here.
        let channel = CallChannel(address: "tcp://127.0.0.1:9", loop: loop, context: context)
        // Who waited for the deadline would hear of that.
        await #expect { try await channel.call(CallFixture.echo, HealthRequest(), within: .seconds(300)) } throws: {
            error in
            let error = error as? SwitchboardError
            return error?.code == .unavailable && error?.message.contains("tcp://127.0.0.1:9") == true
        }
        await channel.close()
        loop.stop()
        context.close()
    }

    /// The refusal may be heard before the call is among those that it ends: once in thirty first calls it waited for its
    /// deadline.
    @Test func everyFirstCallFailsWhereNobodyListens() async throws {
        let context = MessagingContext()
        let loop = PollLoop()
        for _ in 0..<200 {
            let channel = CallChannel(address: "tcp://127.0.0.1:9", loop: loop, context: context)
            await #expect { try await channel.call(CallFixture.echo, HealthRequest(), within: .seconds(5)) } throws: {
                ($0 as? SwitchboardError)?.code == .unavailable
            }
            await channel.close()
        }
        loop.stop()
        context.close()
    }

    @Test func whoListensOnAHostNameIsToldThatAnIPAddressIsWanted() async throws {
        let context = MessagingContext()
        let loop = PollLoop()
        let server = CallServer(services: CallFixture.services(), loop: loop, context: context)
        let error = await #expect(throws: SwitchboardError.self) { try await server.listen(on: "tcp://localhost:*") }
        #expect(error?.message.contains("write an IP address") == true, "\(error?.message ?? "")")
        await server.drain(until: .now + .seconds(1))
        loop.stop()
        context.close()
    }

    @Test func aChannelThatCouldNotBeOpenedIsOpenedByALaterCall() async throws {
        // One too few for the server, the blocker, and the channel with both ends of its monitor.
        let context = MessagingContext(maximumSockets: 4)
        let loop = PollLoop()
        let server = CallServer(services: CallFixture.services(), loop: loop, context: context)
        let address = try await server.listen(on: "tcp://127.0.0.1:*")
        let blocker = RawPeer(loop: loop, context: context)
        try await blocker.connect(to: address)
        let channel = CallChannel(address: address, loop: loop, context: context)
        await #expect { try await channel.call(CallFixture.echo, HealthRequest()) } throws: { error in
            let error = error as? SwitchboardError
            return error?.code == .unavailable && error?.message.contains("cannot connect") == true
        }
        await blocker.close()
        // libzmq frees closed sockets in the background.
        var answer: HealthResponse?
        while answer == nil {
            do throws(SwitchboardError) {
                answer = try await channel.call(CallFixture.echo, HealthRequest(service: "at last"))
            } catch {
                try #require(error.message.contains("cannot connect"), "\(error)")
            }
        }
        #expect(answer?.reason == "at last")
        await channel.close()
        await server.drain(until: .now + .seconds(1))
        loop.stop()
        context.close()
    }

    @Test func failsOpenCallsWhenTheServerGoes() async throws {
        let fixture = try await CallFixture()
        let channel = fixture.channel
        let sleeping = Task { try await channel.call(CallFixture.sleep, HealthRequest(), within: .seconds(30)) }
        while await fixture.server.openCalls == 0 { await Task.yield() }
        await fixture.server.drain(until: .now)
        await #expect { try await sleeping.value } throws: { ($0 as? SwitchboardError)?.code == .unavailable }
        await channel.close()
        fixture.clientLoop.stop()
        fixture.serverLoop.stop()
        fixture.context.close()
    }

    @Test func refusesMoreCallsThanAClientMayHave() async throws {
        var limits = CallServer.Limits()
        limits.callsPerClient = 3
        let fixture = try await CallFixture(limits: limits)
        let channel = fixture.channel
        let sleeping = (0..<3).map { _ in
            Task { try await channel.call(CallFixture.sleep, HealthRequest(), within: .seconds(30)) }
        }
        while await fixture.server.openCalls < 3 { await Task.yield() }
        await #expect { try await channel.call(CallFixture.echo, HealthRequest()) } throws: { error in
            let error = error as? SwitchboardError
            return error?.code == .resourceExhausted && error?.retryAfter != nil
        }
        for task in sleeping { task.cancel() }
        for task in sleeping { _ = try? await task.value }
        await fixture.close()
    }

    @Test func unknownMethodsAreUnimplemented() async throws {
        let fixture = try await CallFixture()
        let unknown = Method<HealthRequest, HealthResponse>("switchboard.v1.Router/Guess")
        await #expect { try await fixture.channel.call(unknown, HealthRequest()) } throws: {
            ($0 as? SwitchboardError)?.code == .unimplemented
        }
        await #expect { try await fixture.channel.call(Methods.stats, StatsRequest()) } throws: { error in
            let message = (error as? SwitchboardError)?.message ?? ""
            return message.contains("does not serve switchboard.v1.Index/Stats")
                && message.contains("the index is usually at that port + 2")
        }
        await fixture.close()
    }

    @Test func aHeaderOfANewerVersionIsAnsweredByItsCallID() async throws {
        let fixture = try await CallFixture()
        // Field 1, the version, stands first: 08 01.
        var header = Header(kind: .call, callID: 4_711, method: CallFixture.echo.name).encoded()
        try #require(header.starts(with: [0x08, 0x01]))
        header[1] = 2
        let reply = try await fixture.exchange([header, []])
        #expect(reply.callID == 4_711)
        #expect(reply.kind == .reply)
        #expect(reply.status?.code == .unimplemented)
        await fixture.close()
    }

    @Test func whatIsNoHeaderIsAnsweredWithoutACallID() async throws {
        let fixture = try await CallFixture()
        let reply = try await fixture.exchange([[0xFF, 0xFF], []])
        #expect(reply.callID == 0)
        #expect(reply.status?.code == .invalidArgument)
        await fixture.close()
    }
}

@Suite(.timeLimit(.minutes(1))) struct StreamTests {
    @Test func readsAServersStreamToItsEnd() async throws {
        let fixture = try await CallFixture()
        let stream = try await fixture.channel.open(CallFixture.count, HealthRequest(service: "1000"))
        var seen: [String] = []
        while let response = try await stream.next() { seen.append(response.reason) }
        #expect(seen == (0..<1_000).map(String.init))
        await fixture.close()
    }

    @Test func aReaderThatStopsHoldsUpTheSender() async throws {
        let sent = Counter()
        var services = CallFixture.services()
        services.serverStream(CallFixture.count) { _, writer, _ in
            for number in 0..<10_000 {
                try await writer.send(HealthResponse(status: .serving, reason: String(number)))
                sent.increment()
            }
        }
        let fixture = try await CallFixture(services: services)
        let stream = try await fixture.channel.open(CallFixture.count, HealthRequest())
        _ = try await stream.next()
        // An answered call shows that the server has had its turn since.
        for _ in 0..<50 { _ = try await fixture.channel.call(CallFixture.echo, HealthRequest()) }
        #expect(sent.value <= 65)
        await stream.cancel()
        await fixture.close()
    }

    @Test func streamsBothWays() async throws {
        let fixture = try await CallFixture()
        let stream = try await fixture.channel.open(CallFixture.mirror)
        async let sending: Void = {
            for number in 0..<500 { try await stream.send(HealthRequest(service: String(number))) }
            await stream.finish()
        }()
        var count = 0
        while let response = try await stream.next() {
            #expect(response.reason == String(count))
            count += 1
        }
        try await sending
        #expect(count == 500)
        await fixture.close()
    }

    @Test(arguments: 0..<20) func streamsBothWaysOnOneLoop(run: Int) async throws {
        let context = MessagingContext()
        let loop = PollLoop()
        let server = CallServer(services: CallFixture.services(), loop: loop, context: context)
        let channel = CallChannel(address: try await server.listen(on: "inproc://one"), loop: loop, context: context)
        let stream = try await channel.open(CallFixture.mirror)
        for number in 0..<200 {
            try await stream.send(HealthRequest(service: String(number)))
            #expect(try await stream.next()?.reason == String(number))
        }
        await stream.cancel()
        await channel.close()
        await server.drain(until: .now + .seconds(1))
        loop.stop()
        context.close()
    }

    @Test func aServerThatDrainsEndsStreams() async throws {
        let fixture = try await CallFixture()
        let stream = try await fixture.channel.open(CallFixture.mirror)
        try await stream.send(HealthRequest(service: "x"))
        _ = try await stream.next()
        await fixture.server.drain(until: .now + .seconds(1))
        await #expect { _ = try await stream.next() } throws: { ($0 as? SwitchboardError)?.code == .unavailable }
        await fixture.channel.close()
        fixture.clientLoop.stop()
        fixture.serverLoop.stop()
        fixture.context.close()
    }
}

final class Counter: Sendable {
    private let count = Atomic<Int>(0)
    var value: Int { count.load(ordering: .relaxed) }
    func increment() { count.add(1, ordering: .relaxed) }
}
