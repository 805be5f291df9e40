import Calls
import Core
import Messaging
import Wire

/// A server and a client, each on a loop of its own, over real sockets.
struct CallFixture {
    static let echo = Method<HealthRequest, HealthResponse>("test.v1.Test/Echo")
    static let sleep = Method<HealthRequest, HealthResponse>("test.v1.Test/Sleep")
    static let count = Method<HealthRequest, HealthResponse>("test.v1.Test/Count", limits: .stream)
    static let mirror = Method<HealthRequest, HealthResponse>("test.v1.Test/Mirror", limits: .stream)

    let context = MessagingContext()
    let serverLoop = PollLoop(name: "test-server")
    let clientLoop = PollLoop(name: "test-client")
    let server: CallServer
    let address: String
    let channel: CallChannel

    init(
        address: String = "tcp://127.0.0.1:*",
        limits: CallServer.Limits = CallServer.Limits(),
        services: ServiceTable = CallFixture.services(),
        events: CallEvents = CallEvents(),
    ) async throws {
        server = CallServer(services: services, loop: serverLoop, context: context, limits: limits, events: events)
        self.address = try await server.listen(on: address)
        channel = CallChannel(address: self.address, loop: clientLoop, context: context)
    }

    static func services(cancelled: @escaping @Sendable () -> Void = {}) -> ServiceTable {
        var services = ServiceTable()
        services.unary(echo) { request, _ in HealthResponse(status: .serving, reason: request.service) }
        services.unary(sleep) { _, _ in
            do {
                try await Task.sleep(for: .seconds(30))
            } catch {
                cancelled()
                throw error
            }
            return HealthResponse(status: .serving)
        }
        services.serverStream(count) { request, writer, _ in
            for number in 0..<(Int(request.service) ?? 0) {
                try await writer.send(HealthResponse(status: .serving, reason: String(number)))
            }
        }
        services.bothWays(mirror) { reader, writer, _ in
            while let request = try await reader.next() {
                try await writer.send(HealthResponse(status: .serving, reason: request.service))
            }
        }
        return services
    }

    /// Sends a message frame by frame as it is.
    ///
    /// - Returns: the header of what comes back first.
    func exchange(_ frames: [[UInt8]]) async throws -> Header {
        let caller = RawCaller(loop: clientLoop)
        let reply = try await caller.exchange(frames, with: address, context: context)
        await caller.close()
        return try Header(decoding: reply[reply.count - 2])
    }

    func close() async {
        await channel.close()
        await server.drain(until: .now + .seconds(1))
        clientLoop.stop()
        serverLoop.stop()
        context.close()
    }
}
