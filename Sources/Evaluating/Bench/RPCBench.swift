internal import CBareEcho
internal import Calls
internal import Core
internal import Messaging
internal import Wire

/// The cost of a call: an empty unary call over tcp loopback, against a bare libzmq echo of the same frames in C.
///
/// Server and client have a thread each, as the echo's have.
package struct RPCBench: Sendable {
    package var seconds: Double

    package init(seconds: Double) {
        self.seconds = seconds
    }

    package func run(inFlight: Int) async throws -> BenchReport {
        let samples = try await measureCalls(inFlight: inFlight)
        let header = Header(kind: .call, callID: 1_000, method: Methods.healthCheck.name, timeLeft: .seconds(2))
        let echo = try bareEcho(inFlight: inFlight, headerBytes: header.encoded().count, payloadBytes: 24)
        var report = BenchReport("rpc", inFlight: inFlight, samples: samples)
        report.compared["libzmq_echo"] = BenchReport.Peer(perSecond: echo.perSecond, latencyUs: echo.latency)
        // What is to be reached is latency for a lone call and throughput for many.
        if let own = samples.latency, let peer = echo.latency {
            report.compare("p50_to_echo", own.p50 / peer.p50, inFlight == 1 ? .atMost(2) : nil)
        }
        report.compare(
            "throughput_to_echo",
            samples.perSecond / echo.perSecond,
            inFlight == 1 ? nil : .atLeast(0.12)
        )
        return report
    }

    private func measureCalls(inFlight: Int) async throws -> LatencySamples {
        let context = MessagingContext()
        let serverLoop = PollLoop(name: "bench-server")
        let clientLoop = PollLoop(name: "bench-client")
        var services = ServiceTable()
        services.unary(Methods.healthCheck) { _, _ in HealthResponse(status: .serving) }
        let server = CallServer(services: services, loop: serverLoop, context: context)
        let channel = CallChannel(
            address: try await server.listen(on: "tcp://127.0.0.1:*"),
            loop: clientLoop,
            context: context
        )
        let caller = Caller(channel: channel)
        _ = try await caller.call(count: 200)
        let start = ContinuousClock.now
        let end = start + .seconds(seconds)
        var samples = try await withThrowingTaskGroup(of: LatencySamples.self) { group in
            for _ in 0..<inFlight { group.addTask { try await caller.call(until: end) } }
            return try await group.reduce(into: LatencySamples()) { $0.join($1) }
        }
        samples.seconds = start.duration(to: .now).seconds
        await channel.close()
        await server.drain(until: .now)
        clientLoop.stop()
        serverLoop.stop()
        context.close()
        return samples
    }

    /// Calls from the loop that owns the socket, as a router written in Swift would for speed.
    private actor Caller {
        nonisolated let channel: CallChannel
        nonisolated var unownedExecutor: UnownedSerialExecutor { channel.unownedExecutor }

        init(channel: CallChannel) {
            self.channel = channel
        }

        func call(count: Int) async throws -> Int {
            for _ in 0..<count { _ = try await channel.call(Methods.healthCheck, HealthRequest()) }
            return count
        }

        func call(until end: ContinuousClock.Instant) async throws -> LatencySamples {
            var samples = LatencySamples()
            samples.nanoseconds.reserveCapacity(100_000)
            var now = ContinuousClock.now
            while now < end {
                let start = now
                _ = try await channel.call(Methods.healthCheck, HealthRequest())
                now = .now
                samples.add(start.duration(to: now))
            }
            return samples
        }
    }

    private func bareEcho(inFlight: Int, headerBytes: Int, payloadBytes: Int) throws -> LatencySamples {
        var times = [UInt64](repeating: 0, count: 4_000_000)
        var count = 0
        var elapsed = 0.0
        let code = switchboard_bare_echo(
            "tcp://127.0.0.1:*",
            Int32(inFlight),
            seconds,
            headerBytes,
            payloadBytes,
            &times,
            times.count,
            &count,
            &elapsed
        )
        guard code == 0 else { throw SwitchboardError(.internal, "the bare echo failed with errno \(code)") }
        return LatencySamples(
            nanoseconds: Array(times.prefix(min(count, times.count))),
            count: count,
            seconds: elapsed
        )
    }
}
