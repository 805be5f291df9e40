internal import Core
internal import Hummingbird
internal import HummingbirdCore
package import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle

/// Serves `/metrics`, `/healthz` and `/readyz` over HTTP/1.1.
///
/// Idle until `run()`, which listens and ends on graceful shutdown, when the requests under way are answered. It runs on
/// the process's one thread for HTTP; closures run on Swift's pool. It holds at most 64 connections, further ones wait to be accepted; an
/// idle one is closed after 15 s. It knows no keys and no TLS: its address is for the operator's network alone.
package final class MonitoringServer: Service {
    package struct Address: Sendable, Hashable, CustomStringConvertible {
        package let host: String
        package let port: Int

        package init(host: String, port: Int) {
            self.host = host
            self.port = port
        }

        package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    }

    static let maximumConnections = 64
    static let idleTime = TimeAmount.seconds(15)
    static let maximumHeaderBytes = 16 << 10

    /// Never taken down: whoever asks once in a while needs no more than one thread. Not NIO's own, whose number of
    /// threads cannot be chosen any more once a model server was asked.
    private static let threads: any EventLoopGroup = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    private let address: Address
    private let responder: MonitoringResponder
    private let logger: Logger
    private let onListening: @Sendable (Address) async -> Void

    /// - Parameters:
    ///   - address: port 0 lets the system pick one.
    ///   - answerLimit: after this a closure that has not answered counts as a node that is not well, or not ready.
    ///   - health: whether the process lives and its loops answer.
    ///   - readiness: whether a Classify would be answered now.
    ///   - onListening: called once with the address and the port that is listened on.
    package init(
        _ address: Address,
        registry: PrometheusRegistry,
        answerLimit: Duration = .seconds(2),
        logger: Logger,
        health: @escaping @concurrent @Sendable () async -> HealthReport,
        readiness: @escaping @concurrent @Sendable () async -> HealthReport,
        onListening: @escaping @Sendable (Address) async -> Void = { _ in },
    ) {
        self.address = address
        self.logger = logger
        self.onListening = onListening
        responder = MonitoringResponder(
            registry: registry,
            health: Inquiry(limit: answerLimit, ask: health),
            readiness: Inquiry(limit: answerLimit, ask: readiness),
        )
    }

    /// - Throws: `.failedPrecondition` where the address cannot be listened on, saying which.
    ///
    /// Cancelling it has the same effect as a graceful shutdown: what is under way is answered first.
    package func run() async throws {
        let group = ServiceGroup(configuration: groupConfiguration())
        // In a task of its own, for a cancelled one would cut the connections.
        let serving = Task { try await group.run() }
        do {
            try await withTaskCancellationHandler {
                try await serving.value
            } onCancel: {
                Task { await group.triggerGracefulShutdown() }
            }
        } catch {
            throw explained(error)
        }
    }

    private func groupConfiguration() -> ServiceGroupConfiguration {
        // What the HTTP library says of connections is of use only when one looks into them.
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        var configuration = ServiceGroupConfiguration(
            services: [.init(service: application(logger: quiet))],
            logger: quiet
        )
        configuration.maximumGracefulShutdownDuration = .seconds(5)
        return configuration
    }

    private func application(logger: Logger) -> some Service {
        Application(
            responder: responder,
            server: .http1(
                configuration: HTTP1Channel.Configuration(
                    idleTimeout: Self.idleTime,
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: Self.maximumHeaderBytes,
                        maxHeaderListSize: Self.maximumHeaderBytes,
                        maxHeaderFieldCount: 100,
                    ),
                )
            ),
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port),
                backlog: Self.maximumConnections,
                availableConnectionsDelegate: .maximum(Self.maximumConnections, logger: logger),
            ),
            onServerRunning: { [address, onListening] channel in
                await onListening(Address(host: address.host, port: channel.localAddress?.port ?? address.port))
            },
            eventLoopGroupProvider: .shared(Self.threads),
            logger: logger,
        )
    }

    private func explained(_ error: any Error) -> any Error {
        guard error is IOError || error is SocketAddressError || error is NIOConnectionError else { return error }
        return SwitchboardError(
            .failedPrecondition,
            "HTTP cannot listen on \(address); it may be in use by another process, or not be an address of this machine",
            cause: error,
        )
    }
}
