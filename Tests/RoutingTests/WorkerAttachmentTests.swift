import Calls
import Core
import Logging
import Messaging
import Routing
import Testing
import Wire

/// A worker's own end of its stream, at a gateway over real sockets.
@Suite(.timeLimit(.minutes(1))) struct WorkerAttachmentTests {
    @Test func aWorkerThatIsToldToLeaveAnswersWhatItHasFirst() async throws {
        try await Self.withGateway { gateway, channel, loop, logger in
            let body = HeldWorker(loop: loop)
            let attachment = WorkerAttachment(body: body, channel: channel, logger: logger)
            let running = Task { await attachment.run() }
            for await served in gateway.served.values() where served.contains(RoutingServices.scorer) { break }
            async let answer = gateway.forward(Methods.score.name, [7], deadline: .now + .seconds(30))
            await body.waitUntilAsked()
            let leaving = Task { await attachment.leave(until: .now + .seconds(30)) }
            for await served in gateway.served.values() where served.isEmpty { break }
            // It takes no more, and has not gone before the answer.
            await #expect {
                _ = try await gateway.forward(Methods.score.name, [8], deadline: .now + .seconds(30))
            } throws: {
                ($0 as? SwitchboardError)?.code == .unavailable
            }
            await body.letGo()
            let echoed = try await answer
            #expect(echoed == [7])
            await leaving.value
            await running.value
        }
    }

    @Test func aWorkerThatLeavesWaitsNoLongerThanItMay() async throws {
        try await Self.withGateway { gateway, channel, loop, logger in
            let body = HeldWorker(loop: loop)
            let attachment = WorkerAttachment(body: body, channel: channel, logger: logger)
            let running = Task { await attachment.run() }
            for await served in gateway.served.values() where served.contains(RoutingServices.scorer) { break }
            let asked = Task { try await gateway.forward(Methods.score.name, [7], deadline: .now + .seconds(30)) }
            await body.waitUntilAsked()
            await attachment.leave(until: .now + .milliseconds(50))
            running.cancel()
            await body.letGo()
            asked.cancel()
            _ = try? await asked.value
            await channel.close()
            await running.value
        }
    }

    @Test func aWorkerSaysWhetherItIsAttachedAndWhyNot() async throws {
        try await Self.withGateway { gateway, channel, loop, logger in
            let attachment = WorkerAttachment(body: HeldWorker(loop: loop), channel: channel, logger: logger)
            #expect(attachment.state.value == .unable)
            let running = Task { await attachment.run() }
            for await state in attachment.state.values() where state == .attached { break }
            await channel.close()
            #expect(await Self.reason(of: attachment.state)?.contains("was closed") == true)
            running.cancel()
            await running.value
        }
    }

    @Test func aWorkerAtARouterPortIsToldWhereWorkersAttach() async throws {
        let (loop, workerLoop) = (PollLoop(name: "test-router"), PollLoop(name: "test-worker"))
        let context = MessagingContext()
        let server = CallServer(services: ServiceTable(), loop: loop, context: context)
        let address = try await server.listen(on: "tcp://127.0.0.1:*")
        let channel = CallChannel(address: address, loop: workerLoop, context: context)
        let attachment = WorkerAttachment(
            body: HeldWorker(loop: workerLoop),
            channel: channel,
            logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
        )
        let running = Task { await attachment.run() }
        let reason = await Self.reason(of: attachment.state)
        #expect(reason?.contains("workers attach at that port + 1") == true, "\(reason ?? "")")
        running.cancel()
        await running.value
        await channel.close()
        await server.drain(until: .now + .seconds(1))
        workerLoop.stop()
        loop.stop()
        context.close()
    }

    /// The first reason for which a worker is not attached.
    private static func reason(of state: CurrentValue<AttachmentState>) async -> String? {
        for await case .seeking(reason: .some(let reason)) in state.values() { return reason }
        return nil
    }

    /// Runs a body beside a gateway.
    private static func withGateway(
        _ body: (Gateway, CallChannel, PollLoop, Logger) async throws -> Void
    ) async throws {
        let (loop, workerLoop) = (PollLoop(name: "test-gateway"), PollLoop(name: "test-worker"))
        let context = MessagingContext()
        let logger = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
        let gateway = Gateway(
            name: "gateway",
            loop: loop,
            updater: CallChannel(address: "inproc://nobody", loop: loop, context: context),
            names: NameFollower(),
            events: RoutingEvents(),
            logger: logger,
        )
        var services = ServiceTable()
        services.bothWays(Methods.attach) { reader, writer, _ in try await gateway.attach(reader, writer) }
        let server = CallServer(services: services, loop: loop, context: context)
        let address = try await server.listen(on: "tcp://127.0.0.1:*")
        let channel = CallChannel(address: address, loop: workerLoop, context: context)
        try await body(gateway, channel, workerLoop, logger)
        await channel.close()
        await server.drain(until: .now + .seconds(1))
        workerLoop.stop()
        loop.stop()
        context.close()
    }
}

/// Echoes what it is asked once it is let go.
private actor HeldWorker: WorkerBody {
    nonisolated let loop: PollLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private var isHeld = true
    private var held: [CheckedContinuation<Void, Never>] = []
    private nonisolated let asked = CurrentValue(false)

    init(loop: PollLoop) {
        self.loop = loop
    }

    nonisolated var hello: WorkerHello { WorkerHello(name: "held", services: [RoutingServices.scorer]) }

    nonisolated func credit(for service: String) -> Int { 4 }

    func answer(_ call: WorkerCall, deadline: ContinuousClock.Instant) async throws -> [UInt8] {
        asked.set(true)
        if isHeld { await withCheckedContinuation { held.append($0) } }
        return call.payload
    }

    func letGo() {
        isHeld = false
        for continuation in held { continuation.resume() }
        held.removeAll()
    }

    nonisolated func waitUntilAsked() async {
        for await isAsked in asked.values() where isAsked { return }
    }

    func waitUntilAble() async {}

    func positions() async -> AsyncStream<WorkerApplied> { AsyncStream { _ in } }
}
