package import Logging
internal import ServiceLifecycle
internal import UnixSignals

/// Runs a node until SIGTERM or SIGINT, then drains it.
package struct NodeRunner: Sendable {
    private let configuration: NodeConfiguration
    private let logger: Logger
    private let onListening: @Sendable (RunningNode.Bound) -> Void

    /// - Parameter onListening: told the addresses once the node listens.
    package init(
        configuration: NodeConfiguration,
        logger: Logger,
        onListening: @escaping @Sendable (RunningNode.Bound) -> Void = { _ in },
    ) {
        self.configuration = configuration
        self.logger = logger
        self.onListening = onListening
    }

    package func run() async throws {
        let service = NodeService(configuration: configuration, logger: logger, onListening: onListening)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: service)],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger,
            )
        )
        try await group.run()
    }
}

/// A node as a service: starts in `run`, stops with the graceful shutdown.
struct NodeService: Service {
    let configuration: NodeConfiguration
    let logger: Logger
    let onListening: @Sendable (RunningNode.Bound) -> Void

    func run() async throws {
        let node = try await RunningNode.start(configuration, logger: logger)
        onListening(node.bound)
        tellOfKeys(node.bound)
        try? await gracefulShutdown()
        logger.notice("draining")
        await node.stop()
    }

    private func tellOfKeys(_ bound: RunningNode.Bound) {
        guard !(bound.router + bound.index).isEmpty else { return }
        switch (bound.hasKeys, configuration.isInsecure) {
        case (true, false): logger.notice("clients need keys; docs/security.md says how they get one")
        case (true, true): logger.warning("--insecure has no effect: there are keys, and clients need them")
        case (false, true):
            logger.warning("INSECURE: whoever reaches these addresses may classify, and change the index")
        case (false, false):
            logger.notice("no keys are used, so that this node listens on this machine alone; docs/security.md")
        }
    }
}
