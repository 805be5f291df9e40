internal import Core
internal import Hummingbird
internal import HummingbirdCore
package import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle

/// Serves `/metrics`, `/healthz` and `/readyz` over HTTP/1.1.
///
/// Idle until `run()`, which listens and ends on graceful shutdown, when the requests under way are answered. It has one
/// thread of its own; closures run on Swift's pool. It holds at most 64 connections, further ones wait to be accepted; an
/// idle one is closed after 75 s. It knows no keys and no TLS: its address is for the operator's network alone.
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
    static let idleTime = TimeAmount.seconds(75)
    static let maximumHeaderBytes = 16 << 10

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
    package func run() async throws {
        let threads = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            try await application(on: threads).run()
        } catch {
            try await threads.shutdownGracefully()
            throw explained(error)
        }
        try await threads.shutdownGracefully()
    }

    private func application(on threads: MultiThreadedEventLoopGroup) -> some Service {
        // What the HTTP library says of connections is of use only when one looks into them.
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        return Application(
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
                availableConnectionsDelegate: .maximum(Self.maximumConnections, logger: quiet),
            ),
            onServerRunning: { [address, onListening] channel in
                await onListening(Address(host: address.host, port: channel.localAddress?.port ?? address.port))
            },
            eventLoopGroupProvider: .shared(threads),
            logger: quiet,
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
