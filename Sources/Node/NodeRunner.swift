package import Logging
internal import ServiceLifecycle
internal import UnixSignals

/// Runs a node until SIGTERM or SIGINT, then drains it.
package struct NodeRunner: Sendable {
    private let configuration: NodeConfiguration
    private let supervisor: Supervisor?
    private let logger: Logger
    private let onListening: @Sendable (RunningNode.Bound) -> Void

    /// - Parameters:
    ///   - supervisor: told how the node does.
    ///   - onListening: told the addresses once the node listens.
    package init(
        configuration: NodeConfiguration,
        supervisor: Supervisor? = nil,
        logger: Logger,
        onListening: @escaping @Sendable (RunningNode.Bound) -> Void = { _ in },
    ) {
        self.configuration = configuration
        self.supervisor = supervisor
        self.logger = logger
        self.onListening = onListening
    }

    package func run() async throws {
        let service = NodeService(
            configuration: configuration,
            supervisor: supervisor,
            logger: logger,
            onListening: onListening
        )
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
    let supervisor: Supervisor?
    let logger: Logger
    let onListening: @Sendable (RunningNode.Bound) -> Void

    func run() async throws {
        await supervisor?.tell(.status("loading the models and reading the log"))
        let node = try await RunningNode.start(configuration, logger: logger)
        onListening(node.bound)
        tellOfKeys(node.bound)
        await withDiscardingTaskGroup { group in
            if let supervisor { group.addTask { await supervisor.watch(node) } }
            try? await gracefulShutdown()
            group.cancelAll()
        }
        logger.notice("draining")
        await supervisor?.tell(.stopping, .status("finishing what is in flight"))
        await node.stop()
    }

    private func tellOfKeys(_ bound: RunningNode.Bound) {
        guard !(bound.router + bound.index + bound.discovery).isEmpty else { return }
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
