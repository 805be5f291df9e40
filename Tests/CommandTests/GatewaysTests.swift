import Calls
import Core
import Messaging
import SwitchboardClient
import Synchronization
import Testing
import Wire

/// A client and two gateways that this test plays, over real sockets.
@Suite(.timeLimit(.minutes(1))) struct GatewaysTests {
    private static let asked = Methods.healthCheck
    private static let slow = Method<HealthRequest, HealthResponse>("switchboard.v1.Router/Classify")

    @Test func callsTakeTurnsAndGoOnWhereOneIsGone() async throws {
        let (first, second) = (try await Played("a"), try await Played("b"))
        let client = SwitchboardClient(gateways: [first.address, second.address])
        var seen: Set<String> = []
        for _ in 0..<4 { seen.insert(try await client.gateways.call(Self.asked, HealthRequest()).reason) }
        #expect(seen == ["a", "b"])
        await first.stop()
        for _ in 0..<20 { #expect(try await client.gateways.call(Self.asked, HealthRequest()).reason == "b") }
        await client.close()
        await second.stop()
    }

    @Test func aCallThatADyingGatewayHasIsMadeAtAnother() async throws {
        let (ends, tell) = AsyncStream<Void>.makeStream()
        let held = try await Played("a") { _ in
            tell.finish()
            try await Task.sleep(for: .seconds(60))
            return "never"
        }
        let second = try await Played("b")
        let client = SwitchboardClient(gateways: [held.address, second.address])
        async let answer = client.gateways.call(Self.slow, HealthRequest(), within: .seconds(30))
        for await _ in ends {}
        await held.stop()
        let reason = try await answer.reason
        #expect(reason == "b")
        await client.close()
        await second.stop()
    }

    @Test func aGatewayThatFallsSilentIsLeft() async throws {
        let silent = try await Played("a", isHealthy: false) { _ in
            try await Task.sleep(for: .seconds(60))
            return "never"
        }
        let second = try await Played("b")
        let client = SwitchboardClient(gateways: [silent.address, second.address])
        let answer = try await client.gateways.call(Self.slow, HealthRequest(), within: .seconds(50))
        #expect(answer.reason == "b")
        await client.close()
        await silent.stop()
        await second.stop()
    }

    @Test func whatIsWrongWithACallIsAskedOfOneOnlyAndWhoIsBusyOfBoth() async throws {
        let count = Tally()
        func refusing(_ code: StatusCode) -> @Sendable (String) async throws -> String {
            { _ in
                count.add()
                throw SwitchboardError(code, "no", retryAfter: .milliseconds(70))
            }
        }
        for (code, asked) in [(StatusCode.invalidArgument, 1), (.resourceExhausted, 2), (.unavailable, 2)] {
            count.reset()
            let (first, second) = (try await Played("a", refusing(code)), try await Played("b", refusing(code)))
            let client = SwitchboardClient(gateways: [first.address, second.address])
            await #expect {
                _ = try await client.gateways.call(Self.slow, HealthRequest())
            } throws: { error in
                let error = error as? SwitchboardError
                return error?.code == code && error?.retryAfter == .milliseconds(70)
            }
            #expect(count.value == asked)
            await client.close()
            await first.stop()
            await second.stop()
        }
    }

    @Test func aStreamIsOpenedWhereAGatewayIsThere() async throws {
        let (first, second) = (try await Played("a"), try await Played("b"))
        let client = SwitchboardClient(gateways: [first.address, second.address])
        await first.stop()
        for _ in 0..<3 {
            let stream = try await client.gateways.open(Methods.healthWatch, HealthRequest())
            #expect(try await stream.next()?.reason == "b")
            await stream.cancel()
        }
        await client.close()
        await second.stop()
    }

    @Test func withOneGatewayNothingIsRepeated() async throws {
        let count = Tally()
        let only = try await Played("a") { _ in
            count.add()
            throw SwitchboardError(.unavailable, "no")
        }
        let client = SwitchboardClient(gateways: [only.address])
        await #expect(throws: SwitchboardError.self) { try await client.gateways.call(Self.slow, HealthRequest()) }
        #expect(count.value == 1)
        await client.close()
        await only.stop()
    }
}

private final class Tally: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
    func add() { count.withLock { $0 += 1 } }
    func reset() { count.withLock { $0 = 0 } }
}

/// A gateway that says its name.
private struct Played {
    let address: String
    private let context = MessagingContext()
    private let loop = PollLoop(name: "test-gateway")
    private let server: CallServer

    /// - Parameters:
    ///   - isHealthy: whether it answers Health/Check.
    ///   - classify: what it answers else; nil: its name.
    init(
        _ name: String,
        isHealthy: Bool = true,
        _ classify: (@Sendable (String) async throws -> String)? = nil,
    ) async throws {
        var services = ServiceTable()
        services.unary(Methods.healthCheck) { _, _ in
            if !isHealthy { try await Task.sleep(for: .seconds(60)) }
            return HealthResponse(status: .serving, reason: name)
        }
        services.serverStream(Methods.healthWatch) { _, writer, _ in
            try await writer.send(HealthResponse(status: .serving, reason: name))
        }
        let slow = Method<HealthRequest, HealthResponse>("switchboard.v1.Router/Classify")
        services.unary(slow) { request, _ in
            HealthResponse(status: .serving, reason: try await classify?(request.service) ?? name)
        }
        server = CallServer(services: services, loop: loop, context: context)
        address = try await server.listen(on: "tcp://127.0.0.1:*")
    }

    func stop() async {
        await server.drain(until: .now)
        loop.stop()
        context.close()
    }
}
