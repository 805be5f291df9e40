internal import Calls
internal import Core
internal import Index
package import Logging
internal import Messaging
internal import Models
internal import Monitoring
internal import Routing
internal import UpdateStore
internal import Updating

/// The actors of a node's roles, built in order, run, drained and taken down again.
///
/// `start` returns when the node serves; a node that has the retriever's role serves classification once its replica has
/// caught up with the log. `stop` finishes what is in flight within the grace and returns when everything is closed.
package actor RunningNode {
    /// Where a node listens, with the ports that the system picked.
    package struct Bound: Sendable {
        package var router: [String] = []
        package var worker: [String] = []
        package var index: [String] = []
        package var discovery: [String] = []
        /// `host:port` of metrics and health.
        package var http: String?
        /// Whether clients need keys; the addresses have the node's public half behind a `#` then.
        package let hasKeys: Bool

        init(hasKeys: Bool) {
            self.hasKeys = hasKeys
        }
    }

    package nonisolated let configuration: NodeConfiguration
    private let logger: Logger
    private let parts: NodeParts
    package nonisolated let bound: Bound
    private var tasks: [Task<Void, Never>] = []
    private var isStopped = false

    private init(
        configuration: NodeConfiguration,
        logger: Logger,
        parts: NodeParts,
        bound: Bound,
        monitoring: Task<Void, Never>?,
    ) {
        self.configuration = configuration
        self.logger = logger
        self.parts = parts
        self.bound = bound
        tasks = monitoring.map { [$0] } ?? []
    }

    /// Builds the node and starts to serve.
    ///
    /// - Throws: what keeps it from serving: a model that is missing, a port in use, a data directory that another node
    ///   holds. Nothing is left running then.
    package static func start(_ configuration: NodeConfiguration, logger: Logger) async throws -> RunningNode {
        try configuration.validate()
        let parts = NodeParts(configuration, logger: logger)
        do {
            try await parts.build()
            var bound = try await parts.listen()
            let monitoring = try await startMonitoring(parts, logger: logger)
            bound.http = monitoring?.address
            let node = RunningNode(
                configuration: configuration,
                logger: logger,
                parts: parts,
                bound: bound,
                monitoring: monitoring?.task,
            )
            await node.run()
            return node
        } catch {
            await parts.takeDown(grace: .zero)
            throw error
        }
    }

    /// - Returns: when it listens; nil where none is wanted.
    private static func startMonitoring(
        _ parts: NodeParts,
        logger: Logger,
    ) async throws -> (task: Task<Void, Never>, address: String)? {
        let (addresses, tell) = AsyncThrowingStream<String, any Error>.makeStream()
        guard let server = try parts.monitoring(onListening: { tell.yield($0) }) else { return nil }
        let task = Task {
            do {
                try await server.run()
                tell.finish()
            } catch {
                logger.debug("metrics and health are no longer served", metadata: ["reason": "\(error)"])
                tell.finish(throwing: error)
            }
        }
        for try await address in addresses { return (task, address) }
        throw SwitchboardError(.unavailable, "metrics and health could not be served")
    }

    private func run() {
        tasks += parts.jobs().map { job in Task { await job() } }
    }

    /// Returns when a Classify would be answered.
    ///
    /// - Throws: `CancellationError` with the caller's task.
    package func waitUntilReady() async throws {
        try await parts.waitUntilServed(RoutingServices.retriever)
    }

    /// Returns when a scorer is attached to this node's gateway too.
    ///
    /// - Throws: `CancellationError` with the caller's task.
    package func waitUntilScoring() async throws {
        try await parts.waitUntilServed(RoutingServices.scorer)
    }

    /// Returns when this process does what its roles are for, as far as that does not take a worker elsewhere: a gateway
    /// with a retriever beside it answers Classify, a retriever by itself has what the log holds.
    ///
    /// - Throws: `CancellationError` with the caller's task.
    package func waitUntilServing() async throws {
        try await parts.waitUntilServing()
    }

    /// Returns when the threads that own the sockets have answered. Not to be called once the node is stopped.
    nonisolated func waitUntilLoopsAnswer() async {
        await parts.waitUntilLoopsAnswer()
    }

    /// Why the language model cannot be asked: its files, or its server; nil where it can, or there is none.
    package var scorerTrouble: String? { parts.scorerTrouble }

    /// Finishes what is in flight, closes everything. Does nothing a second time.
    package func stop() async {
        guard !isStopped else { return }
        isStopped = true
        await parts.drain(grace: configuration.grace)
        for task in tasks { task.cancel() }
        // Ends the calls that these tasks still wait for.
        await parts.closeChannels()
        for task in tasks { await task.value }
        await parts.takeDown(grace: configuration.grace)
    }
}
