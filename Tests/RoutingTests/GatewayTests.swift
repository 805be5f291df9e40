import Calls
import Core
import Logging
import Messaging
import Routing
import Testing
import Wire

/// A gateway and a worker that this test plays, over real sockets.
@Suite(.timeLimit(.minutes(1))) struct GatewayTests {
    @Test func aCallThatItsWorkerDoesNotAnswerEndsAtItsDeadline() async throws {
        try await Self.withScorer { gateway, stream in
            // The answer of the first gives the credit back that the second takes.
            async let first = gateway.forward(Methods.score.name, [1], deadline: .now + .seconds(30))
            let answered = try await Self.nextCall(stream)
            try await stream.send(.result(WorkerResult(callID: answered, payload: [2])))
            let answer = try await first
            #expect(answer == [2])
            await #expect {
                _ = try await gateway.forward(Methods.score.name, [3], deadline: .now + .milliseconds(20))
            } throws: {
                ($0 as? SwitchboardError)?.code == .deadlineExceeded
            }
            let silent = try await Self.nextCall(stream)
            #expect(try await stream.next() == .cancel(WorkerCancel(callID: silent)))
        }
    }

    @Test func callsThatNoWorkerTakesEndAtTheirDeadlineTogether() async throws {
        try await Self.withScorer { gateway, stream in
            async let first = gateway.forward(Methods.score.name, [1], deadline: .now + .seconds(30))
            // Takes the only credit.
            let busy = try await Self.nextCall(stream)
            let deadline = ContinuousClock.now + .milliseconds(100)
            let codes = await withTaskGroup(of: StatusCode?.self) { group in
                for _ in 0..<900 {
                    group.addTask {
                        do throws(SwitchboardError) {
                            _ = try await gateway.forward(Methods.score.name, [3], deadline: deadline)
                            return nil
                        } catch {
                            return error.code
                        }
                    }
                }
                return await group.reduce(into: [StatusCode?]()) { $0.append($1) }
            }
            #expect(codes == [StatusCode?](repeating: .deadlineExceeded, count: 900))
            try await stream.send(.result(WorkerResult(callID: busy, payload: [2])))
            let answer = try await first
            #expect(answer == [2])
        }
    }

    /// Runs a body beside a gateway to which a scorer with credit for one call is attached.
    private static func withScorer(
        _ body: (Gateway, ClientStream<WorkerMessage, GatewayMessage>) async throws -> Void,
    ) async throws {
        let loop = PollLoop(name: "test-gateway")
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
        let address = try await server.listen(on: "inproc://workers")
        let channel = CallChannel(address: address, loop: loop, context: context)
        let stream = try await channel.open(Methods.attach)
        try await stream.send(.hello(WorkerHello(name: "scorer", services: [RoutingServices.scorer])))
        #expect(try await stream.next() == .welcome(GatewayWelcome(name: "gateway")))
        try await stream.send(.credit(WorkerCredit(service: RoutingServices.scorer, calls: 1)))
        for await served in gateway.served.values() where served == [RoutingServices.scorer] { break }
        try await body(gateway, stream)
        await stream.cancel()
        for await served in gateway.served.values() where served.isEmpty { break }
        await channel.close()
        await server.drain(until: .now + .seconds(1))
        loop.stop()
        context.close()
    }

    /// - Returns: the id of the call that comes next.
    private static func nextCall(_ stream: ClientStream<WorkerMessage, GatewayMessage>) async throws -> UInt64 {
        guard case .call(let call) = try await stream.next() else {
            throw SwitchboardError(.internal, "what came is no call")
        }
        return call.callID
    }
}
