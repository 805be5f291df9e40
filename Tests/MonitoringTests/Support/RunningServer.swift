import Logging
import Monitoring
import ServiceLifecycle

/// Runs a server on a port that the system picks, for as long as the body runs.
func withServer(
    registry: PrometheusRegistry = PrometheusRegistry(),
    answerLimit: Duration = .seconds(30),
    health: @escaping @concurrent @Sendable () async -> HealthReport = { HealthReport() },
    readiness: @escaping @concurrent @Sendable () async -> HealthReport = { HealthReport() },
    _ body: (Int, ServiceGroup) async throws -> Void,
) async throws {
    let (ports, port) = AsyncStream.makeStream(of: Int.self)
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let server = MonitoringServer(
        .init(host: "127.0.0.1", port: 0),
        registry: registry,
        answerLimit: answerLimit,
        logger: logger,
        health: health,
        readiness: readiness,
        onListening: { address in
            port.yield(address.port)
            port.finish()
        },
    )
    let group = ServiceGroup(configuration: .init(services: [.init(service: server)], logger: logger))
    async let running: Void = {
        defer { port.finish() }
        try await group.run()
    }()
    let result: Result<Void, any Error>
    do {
        guard let listening = await ports.first(where: { _ in true }) else {
            try await running
            throw CancellationError()
        }
        result = .success(try await body(listening, group))
    } catch {
        result = .failure(error)
    }
    await group.triggerGracefulShutdown()
    try await running
    try result.get()
}
