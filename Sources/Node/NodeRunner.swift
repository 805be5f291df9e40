package import Logging
package import ServiceLifecycle
internal import UnixSignals

/// Runs a node until SIGTERM or SIGINT, then drains it.
package struct NodeRunner: Sendable {
    private let configuration: NodeConfiguration
    private let logger: Logger

    package init(configuration: NodeConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    package func run() async throws {
        let service = NodeService(configuration: configuration, logger: logger)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: service)],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger,
            ))
        try await group.run()
    }
}

/// A node as a service: starts in `run`, stops with the graceful shutdown.
struct NodeService: Service {
    let configuration: NodeConfiguration
    let logger: Logger

    func run() async throws {
        let node = try await Node.start(configuration, logger: logger)
        logger.notice(
            "listening",
            metadata: [
                "router": "\(node.bound.router.joined(separator: " "))",
                "worker": "\(node.bound.worker.joined(separator: " "))",
                "index": "\(node.bound.index.joined(separator: " "))",
            ])
        if configuration.isInsecure {
            logger.warning("INSECURE: whoever reaches these addresses may classify, and change the index")
        }
        try? await gracefulShutdown()
        logger.notice("draining")
        await node.stop()
    }
}
