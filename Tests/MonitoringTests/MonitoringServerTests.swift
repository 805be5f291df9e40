import Core
import CoreMetrics
import Logging
import Monitoring
import ServiceLifecycle
import Testing

@Suite(.timeLimit(.minutes(1)))
struct MonitoringServerTests {
    @Test func servesMetrics() async throws {
        let registry = PrometheusRegistry()
        Counter(label: "served_total", dimensions: [("word", "größe")], factory: registry).increment(by: 3)
        try await withServer(registry: registry) { port, _ in
            let response = try await HTTPProbe.get("/metrics", port: port)
            #expect(response.status == 200)
            #expect(response.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(response.body == "# TYPE served_total counter\nserved_total{word=\"größe\"} 3\n")
        }
    }

    @Test func saysWhetherItIsWellAndReady() async throws {
        try await withServer(
            health: { HealthReport() },
            readiness: {
                HealthReport(
                    reasons: ["no retriever is \"attached\"", "the log is at 3 of 9"],
                    notes: ["no scorer is attached"]
                )
            },
        ) { port, _ in
            let health = try await HTTPProbe.get("/healthz", port: port)
            #expect(health.status == 200)
            #expect(health.headers["content-type"] == "application/json")
            #expect(health.body == "{\"good\":true,\"notes\":[],\"reasons\":[]}\n")
            let readiness = try await HTTPProbe.get("/readyz?verbose", port: port)
            #expect(readiness.status == 503)
            #expect(
                readiness.body == """
                    {"good":false,"notes":["no scorer is attached"],\
                    "reasons":["no retriever is \\"attached\\"","the log is at 3 of 9"]}

                    """
            )
        }
    }

    @Test func callsANodeThatDoesNotAnswerUnwell() async throws {
        let gate = Gate()
        try await withServer(
            answerLimit: .milliseconds(30),
            health: {
                await gate.wait()
                return HealthReport()
            },
        ) { port, _ in
            for _ in 0..<3 {
                let response = try await HTTPProbe.get("/healthz", port: port)
                #expect(response.status == 503)
                #expect(response.body.contains("did not answer"))
            }
            #expect(try await HTTPProbe.get("/readyz", port: port).status == 200)
            await gate.open()
        }
    }

    @Test func refusesOtherPathsAndMethods() async throws {
        try await withServer { port, _ in
            for path in ["/", "/metrics/", "/metrics/../healthz", "/%6detrics", "//metrics", "/%F0%9F%99%82"] {
                #expect(try await HTTPProbe.get(path, port: port).status == 404, "\(path)")
            }
            // One connection for all of them: what is refused does not end it.
            let probe = try HTTPProbe(port: port)
            for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"] {
                try await probe.send("\(method) /metrics HTTP/1.1\r\nHost: t\r\nContent-Length: 4\r\n\r\nbody")
                let response = try await probe.response()
                #expect(response.status == 405, "\(method)")
                #expect(response.headers["allow"] == "GET, HEAD")
            }
            try await probe.send("HEAD /healthz HTTP/1.1\r\nHost: t\r\n\r\n")
            let head = try await probe.response(hasBody: false)
            #expect(head.status == 200)
            #expect(head.body.isEmpty)
            try await probe.send("GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n")
            #expect(try await probe.response().headers["content-length"] == head.headers["content-length"])
        }
    }

    @Test func endsConnectionsThatSendTooMuch() async throws {
        try await withServer { port, _ in
            let body = try HTTPProbe(port: port)
            try await body.send("POST /metrics HTTP/1.1\r\nHost: t\r\nContent-Length: 1000000000\r\n\r\n")
            try await body.send(String(repeating: "x", count: 20_000))
            #expect(try await body.response().status == 413)
            try await body.closed()

            let header = try HTTPProbe(port: port)
            try await header.send(
                "GET /metrics HTTP/1.1\r\nHost: t\r\nX-Long: \(String(repeating: "x", count: 20_000))"
            )
            #expect(try await header.response().status == 400)

            let garbage = try HTTPProbe(port: port)
            try await garbage.send("\u{0}\u{1}\u{2} nonsense\r\n\r\n")
            #expect(try await garbage.response().status == 400)

            #expect(try await HTTPProbe.get("/healthz", port: port).status == 200)
        }
    }

    @Test func answersWhatIsUnderWayWhenItShutsDown() async throws {
        let gate = Gate()
        let (asked, ask) = AsyncStream.makeStream(of: Void.self)
        try await withServer(
            health: {
                ask.yield()
                await gate.wait()
                return HealthReport()
            },
        ) { port, group in
            // An idle connection must not hold the shutdown up.
            let idle = try HTTPProbe(port: port)
            try await idle.send("GET /readyz HTTP/1.1\r\nHost: t\r\n\r\n")
            #expect(try await idle.response().status == 200)
            let busy = try HTTPProbe(port: port)
            try await busy.send("GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n")
            _ = await asked.first { true }
            await group.triggerGracefulShutdown()
            try await idle.closed()
            await gate.open()
            #expect(try await busy.response().status == 200)
        }
    }

    /// Where there is no service group the task is cancelled instead; neither an idle connection nor a question that
    /// nobody answers holds it up.
    @Test func endsWhenItsTaskIsCancelled() async throws {
        let gate = Gate()
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let (asked, ask) = AsyncStream.makeStream(of: Void.self)
        let server = MonitoringServer(
            .init(host: "127.0.0.1", port: 0),
            registry: PrometheusRegistry(),
            answerLimit: .milliseconds(100),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            health: {
                ask.yield()
                await gate.wait()
                return HealthReport()
            },
            readiness: { HealthReport() },
            onListening: { port.yield($0.port) },
        )
        let running = Task { try await server.run() }
        let listening = try #require(await ports.first { _ in true })
        let idle = try HTTPProbe(port: listening)
        try await idle.send("GET /readyz HTTP/1.1\r\nHost: t\r\n\r\n")
        #expect(try await idle.response().status == 200)
        let busy = try HTTPProbe(port: listening)
        try await busy.send("GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n")
        _ = await asked.first { true }
        running.cancel()
        _ = await running.result
        try await idle.closed()
        try await busy.closed()
        #expect(throws: HTTPProbe.Failure.self) { try HTTPProbe(port: listening) }
        await gate.open()
    }

    @Test func leavesNothingOpenWhenItStops() async throws {
        let before = try #require(ProcessSamples.current().openDescriptors)
        for _ in 0..<100 {
            try await withServer { port, _ in
                let response = try await HTTPProbe.get("/healthz", port: port)
                #expect(response.status == 200)
            }
        }
        // Other tests hold some meanwhile; a server that left one open would leave a hundred.
        let after = try #require(ProcessSamples.current().openDescriptors)
        #expect(after < before + 90)
    }

    @Test func namesAnAddressThatItCannotListenOn() async throws {
        try await withServer { port, _ in
            let second = MonitoringServer(
                .init(host: "127.0.0.1", port: port),
                registry: PrometheusRegistry(),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                health: { HealthReport() },
                readiness: { HealthReport() },
            )
            let error = await #expect(throws: SwitchboardError.self) { try await second.run() }
            #expect(error?.code == .failedPrecondition)
            #expect(error?.message.contains("127.0.0.1:\(port)") == true)
        }
    }
}
