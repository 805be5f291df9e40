internal import Calls
internal import Core
internal import Discovering
internal import Index
internal import Logging
internal import Messaging
internal import Models
internal import Monitoring
internal import RemoteEngines
internal import Routing
internal import UpdateStore
internal import Updating
internal import Wire

/// What a node is made of, and the order in which it is made and taken down: models and stores, then actors, then the
/// servers that let the world in; down the other way round.
///
/// Used by one `RunningNode` only, whose calls do not overlap.
final class NodeParts: @unchecked Sendable {
    // Unchecked: `RunningNode` builds, drains and takes down one after the other; nobody else has a reference.
    private let configuration: NodeConfiguration
    private let logger: Logger
    private let meters = NodeMeters()
    private let context = MessagingContext()
    private let loop: PollLoop
    private var channels: [CallChannel] = []
    private var gatewayChannels: [CallChannel] = []
    /// Of workers at gateways elsewhere: how they leave these.
    private var leavings: [@Sendable (ContinuousClock.Instant) async -> Void] = []
    /// How these stand there.
    private(set) var attachments: [WorkerAtGateway] = []
    /// Why the log is not followed, of each who follows it.
    private(set) var followTroubles: [CurrentValue<String?>] = []
    /// Of workers and followers, until they run.
    private var connectedJobs: [@Sendable () async -> Void] = []
    private var indexChannel: CallChannel?

    var remoteEncoder: RemoteEncoder?
    private var remoteScorer: RemoteScorer?
    private var scorerFault: String?
    private var compute: ComputeQueue?
    private var folderExecutor: ThreadExecutor?
    private var encoderFolder: EncoderFolder?
    private var replicaExecutor: ThreadExecutor?
    var replicaWriter: ReplicaWriter?
    var retriever: Retriever?
    private var scorer: ScorerWorker?
    var gateway: Gateway?
    private var feeder: PoolFeeder?
    private var names: NameFollower?
    private var log: UpdateLog?
    private var feedback: FeedbackStore?
    var updater: IndexUpdater?
    private var snapshotExecutor: ThreadExecutor?
    private var snapshots: SnapshotKeeper?
    private var discovery: DiscoveryParts?

    private var directory: DataDirectory?
    private var keys: KeyPair?
    private var audit: AuditLog?
    /// Nil: whoever reaches the node may call it.
    var security: NodeSecurity?

    private var routerServer: CallServer?
    private var workerServer: CallServer?
    private var indexServer: CallServer?
    private var discoveryServer: CallServer?

    /// Inside the process, whatever else is listened on.
    private static let localWorkers = "inproc://workers"
    private static let localIndex = "inproc://index"

    /// What readiness notes of a gateway without one.
    static let noScorer = "no scorer is attached; answers come from retrieval alone"

    init(_ configuration: NodeConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        loop = PollLoop(name: "sb-io")
    }

    // MARK: Building

    func build() async throws {
        try openDirectory()
        openChannels()
        let executor = ThreadExecutor(name: "sb-models")
        folderExecutor = executor
        encoderFolder = EncoderFolder(data: configuration.dataPath, executor: executor, logger: logger)
        try await buildCompute()
        if configuration.roles.contains(.updater) { try await buildUpdater() }
        try buildSecurity()
        if configuration.roles.contains(.gateway) { buildGateway() }
        if configuration.roles.contains(.clusterer) { try await buildDiscovery() }
        buildFollowers()
        buildAttachments()
    }

    private func openDirectory() throws {
        if !configuration.roles.isDisjoint(with: [.updater, .clusterer]), let path = configuration.dataPath {
            directory = try DataDirectory(path)
        }
        // A clusterer by itself connects with a pair that an admin knows, like other workers.
        let own = configuration.roles.contains(.updater) ? directory : nil
        if let own, let file = configuration.passedOverKeyFile {
            logger.notice(
                "$SWITCHBOARD_KEY is not this node's own key, which is in its data directory",
                metadata: ["named": "\(file)", "own": "\(own.nodeKeyPath)"]
            )
        }
        keys = try NodeKeyPair.find(for: configuration, own)
        audit = AuditLog(path: directory?.auditPath, logger: logger)
    }

    private func openChannels() {
        func channel(_ address: String) -> CallChannel {
            let logger = logger
            let channel = CallChannel(address: address, keys: keys, loop: loop, context: context) { address, reason in
                logger.warning("this node is not let in", metadata: ["address": "\(address)", "reason": "\(reason)"])
            }
            channels.append(channel)
            return channel
        }
        let gateways =
            (configuration.roles.contains(.gateway) ? [Self.localWorkers] : []) + configuration.gateways
        gatewayChannels = gateways.map(channel)
        if configuration.roles.contains(.updater) {
            indexChannel = channel(Self.localIndex)
        } else if let address = configuration.updater {
            indexChannel = channel(address)
        }
    }

    private func buildCompute() async throws {
        let roles = configuration.roles
        guard roles.contains(.retriever) || roles.contains(.scorer) else { return }
        let models = try NodeModels(
            configuration.models,
            roles: roles,
            goesOnWithoutScorer: configuration.goesOnWithoutScorer,
            logger: logger
        )
        remoteEncoder = models.remoteEncoder
        remoteScorer = models.remoteScorer
        scorerFault = models.scorerFault
        if roles.contains(.retriever) || models.scorer != nil {
            var limits = ComputeSchedule.Limits(threads: configuration.computeThreads)
            if let tokens = configuration.languageBatchTokens { limits.languageBatchTokens = tokens }
            let queue = ComputeQueue(
                encoder: models.encoder,
                scorer: models.scorer,
                limits: limits,
            )
            compute = queue
            try await queue.start()
            meters.observe(queue)
            if roles.contains(.retriever) { buildRetriever(try await encoding(models, on: queue), queue) }
            if let model = models.scorer { buildScorer(LocalScoring(model, on: queue)) }
        }
        if let remoteScorer { buildScorer(remoteScorer) }
    }

    /// How an encoder is loaded that the index names, or is to name.
    private func loading(dimension: Int) -> EncoderShelf.Loading {
        guard let folder = encoderFolder else { preconditionFailure("the folder of encoders is made first") }
        return { (id: ModelID) async throws(SwitchboardError) -> any TextEncoding in
            let model = try await folder.load(id)
            guard model.dimension == dimension else {
                throw EncoderFolder.otherLength(of: id, model.dimension, instead: dimension)
            }
            return model
        }
    }

    private func encoding(_ models: NodeModels, on queue: ComputeQueue) async throws -> any EncodingEngine {
        if let remote = models.remoteEncoder {
            return RemoteEncoding(remote, try await remote.connect(), on: queue)
        }
        guard let encoder = models.encoder else { preconditionFailure("a retriever's models have an encoder") }
        return LocalEncoding(encoder, on: queue)
    }

    private func buildRetriever(_ encoding: any EncodingEngine, _ queue: ComputeQueue) {
        let executor = ThreadExecutor(name: "sb-replica")
        replicaExecutor = executor
        let encoders = EncoderShelf(encoding, queue: queue, load: loading(dimension: encoding.dimension))
        let writer = ReplicaWriter(
            executor: executor,
            settings: IndexSettings(dimension: encoding.dimension),
            encoders: { encoders.ids },
            applied: meters.applied,
        )
        replicaWriter = writer
        meters.observe(writer)
        retriever = Retriever(
            name: configuration.name,
            encoders: encoders,
            queue: queue,
            writer: writer,
            loop: loop,
            logger: logger
        )
    }

    private func buildScorer(_ engine: any ScoringEngine) {
        scorer = ScorerWorker(name: configuration.name, engine: engine, loop: loop)
    }

    private func buildUpdater() async throws {
        // `validate` has seen to it that an updater has a data directory and a gateway.
        guard let directory, !gatewayChannels.isEmpty, let folder = encoderFolder else {
            preconditionFailure("a validated updater has a data directory and a gateway")
        }
        let log = try UpdateLog(in: directory, committed: meters.committed)
        let feedback = try FeedbackStore(in: directory)
        self.log = log
        self.feedback = feedback
        if let path = configuration.models.policy { try await append(ShippedPolicy(path: path), to: log) }
        let snapshots = keepSnapshots(of: log, in: directory)
        let updater = IndexUpdater(
            log: log,
            feedback: feedback,
            gateways: gatewayChannels,
            install: { (path: String, dimensions: Int?) async throws(SwitchboardError) -> ModelID in
                try await folder.install(path, dimensions: dimensions)
            },
            learnsFrom: configuration.learnsFrom,
            snapshots: snapshots,
            loop: loop,
            events: meters.updating,
            logger: logger,
        )
        self.updater = updater
        meters.observe(log, of: updater)
        meters.metrics.observeStores(in: directory.path)
    }

    private func keepSnapshots(of log: UpdateLog, in directory: DataDirectory) -> SnapshotKeeper {
        let executor = ThreadExecutor(name: "sb-snapshots", niceness: 10)
        snapshotExecutor = executor
        // Made before, where this node has one.
        let writer = replicaWriter
        let keeper = SnapshotKeeper(
            log: log,
            folder: directory.snapshots,
            interval: configuration.snapshotInterval ?? SnapshotKeeper.usualInterval,
            replica: { writer?.replica },
            executor: executor,
            logger: logger
        )
        snapshots = keeper
        return keeper
    }

    /// What ships holds as the built-in policy, also of a log that an older version began.
    private func append(_ shipped: ShippedPolicy, to log: UpdateLog) async throws {
        // A record for that alone which no longer says anything is none that nodes of before could read.
        let standing = log.policies[.builtin]?.policy.withoutSuperseded
        guard case .whole = log.condition, standing != shipped.policy else { return }
        _ = try await log.append(
            AppendBatch(
                operation: Bits128.random().bytes,
                source: AppendBatch.shippedSource,
                author: configuration.name,
                commands: [.setPolicy(PolicySet(scope: .builtin, policy: shipped.policy))],
            )
        )
    }

    /// A node takes keys where its log has one, where it was given a pair of its own to be known by, or where it follows
    /// an updater that does.
    private func buildSecurity() throws {
        guard let audit else { preconditionFailure("the audit log is opened first") }
        guard !configuration.roles.isDisjoint(with: [.gateway, .updater, .clusterer]) else { return }
        let hasKeys = try log.map { !$0.keys.isEmpty } ?? configuration.followsKeys()
        guard hasKeys || configuration.keyFile != nil, let keys else {
            if !configuration.isInsecure { try configuration.addresses.requireLocal() }
            return
        }
        let ring = KeyRing(isFirstHand: log != nil)
        if let log { ring.set(log.keys) }
        security = NodeSecurity(pair: keys, ring: ring, context: context, audit: audit)
    }

    private func buildGateway() {
        guard let indexChannel else { preconditionFailure("a validated gateway knows an updater") }
        // An updater in this process tells of keys itself.
        let names = NameFollower(ring: log == nil ? security?.ring : nil)
        self.names = names
        let feeder = PoolFeeder(
            rule: configuration.pool.rule,
            masks: configuration.pool.masks,
            events: meters.routing,
            logger: logger,
            now: UpdateLog.systemTime,
        )
        self.feeder = feeder
        let gateway = Gateway(
            name: configuration.name,
            loop: loop,
            updater: indexChannel,
            names: names,
            events: meters.routing,
            feeder: feeder,
            logger: logger,
        )
        self.gateway = gateway
        meters.observe(gateway)
    }

    private func buildDiscovery() async throws {
        // `validate` has seen to it.
        guard let directory, let indexChannel, !gatewayChannels.isEmpty else {
            preconditionFailure("a validated clusterer has a data directory, a gateway and an updater")
        }
        // Keys come with the names; a gateway or an updater in this process has them already.
        if names == nil, log == nil, let ring = security?.ring { names = NameFollower(ring: ring) }
        let parts = try DiscoveryParts(
            configuration,
            in: directory,
            gateways: gatewayChannels,
            index: indexChannel,
            logger: logger
        )
        discovery = parts
        meters.observe(parts.pool)
        await parts.clusterer.recover()
    }

    private func buildFollowers() {
        guard let indexChannel else { return }
        func follow(_ sink: some LogSink, as part: String, from local: SnapshotKeeper? = nil) {
            let follower = Follower(
                name: "\(configuration.name)/\(part)",
                sink: sink,
                channel: indexChannel,
                local: local,
                logger: logger
            )
            followTroubles.append(follower.trouble)
            connectedJobs.append { await follower.run() }
        }
        if let names { follow(names, as: gateway == nil ? "clusterer" : "gateway") }
        if let replicaWriter { follow(replicaWriter, as: "retriever", from: snapshots) }
    }

    private func buildAttachments() {
        if let retriever { for channel in gatewayChannels { attach(retriever, as: .retriever, to: channel) } }
        if let scorer { for channel in gatewayChannels { attach(scorer, as: .scorer, to: channel) } }
        guard let discovery else { return }
        let worker = PoolWorker(name: configuration.name, clusterer: discovery.clusterer)
        for channel in gatewayChannels { attach(worker, as: .clusterer, to: channel) }
    }

    private func attach(_ body: some WorkerBody, as role: NodeRole, to channel: CallChannel) {
        let attachment = WorkerAttachment(body: body, channel: channel, logger: logger)
        connectedJobs.append { await attachment.run() }
        // The gateway of this node needs its workers as long as it answers, and knows them itself.
        guard channel.address != Self.localWorkers else { return }
        leavings.append { await attachment.leave(until: $0) }
        attachments.append(WorkerAtGateway(role: role, gateway: channel.address, state: attachment.state))
    }

    // MARK: Serving

    /// Opens the servers; from here on the world comes in.
    func listen() async throws -> RunningNode.Bound {
        var bound = RunningNode.Bound(hasKeys: security != nil)
        try await security?.open()
        if let gateway {
            let worker = server(NodeServices.worker(gateway))
            workerServer = worker
            _ = try await worker.listen(on: Self.localWorkers)
            for address in configuration.addresses.worker { bound.worker.append(try await listen(worker, on: address)) }
        }
        if let updater {
            let index = server(NodeServices.index(updater))
            indexServer = index
            _ = try await index.listen(on: Self.localIndex)
            for address in configuration.addresses.index { bound.index.append(try await listen(index, on: address)) }
        }
        if let discovery {
            let server = server(NodeServices.discovery(discovery.clusterer))
            discoveryServer = server
            for address in configuration.addresses.discovery {
                bound.discovery.append(try await listen(server, on: address))
            }
        }
        if let gateway {
            let router = server(NodeServices.router(gateway))
            routerServer = router
            for address in configuration.addresses.router { bound.router.append(try await listen(router, on: address)) }
        }
        return bound
    }

    private func server(_ services: ServiceTable) -> CallServer {
        var events = meters.calls
        if let audit { events.audited = { audit.write($0) } }
        return CallServer(
            services: services,
            loop: loop,
            context: context,
            events: events,
            security: security?.server
        )
    }

    /// - Returns: the address as clients are to name it.
    private func listen(_ server: CallServer, on address: String) async throws -> String {
        let bound = try await server.listen(on: address)
        return security?.published(bound) ?? bound
    }

    /// Answers `/metrics`, `/healthz` and `/readyz` until its task is cancelled; nil where no address is wanted.
    func monitoring(onListening: @escaping @Sendable (String) -> Void) throws -> MonitoringServer? {
        guard let written = configuration.addresses.http else { return nil }
        guard let place = HostPort(written) else {
            throw SwitchboardError.invalid("'\(written)' is no address for HTTP; write host:port")
        }
        return MonitoringServer(
            MonitoringServer.Address(host: place.name, port: Int(place.port)),
            registry: meters.registry,
            logger: logger,
            health: { [loop] in
                await Self.waitUntilAnswers(loop)
                return HealthReport()
            },
            readiness: { [weak self] in
                await self?.readiness() ?? HealthReport(reasons: ["the node is shutting down"])
            },
            onListening: { onListening($0.description) },
        )
    }

    func waitUntilLoopsAnswer() async {
        await Self.waitUntilAnswers(loop)
    }

    /// Answered by the loop itself: a loop that hangs does not answer, and whoever waits sees that.
    private static func waitUntilAnswers(_ loop: PollLoop) async {
        await withCheckedContinuation { continuation in loop.run { continuation.resume() } }
    }

    /// What runs as long as the node does: each until its task is cancelled.
    func jobs() -> [@Sendable () async -> Void] {
        var jobs: [@Sendable () async -> Void] = []
        if let updater { jobs.append { await updater.run() } }
        if let snapshots { jobs.append { await snapshots.run() } }
        jobs += keyJobs()
        if let feeder, let gateway { jobs.append { await feeder.run(through: gateway) } }
        if let remoteEncoder { jobs.append { await remoteEncoder.watch() } }
        if let remoteScorer { jobs.append { await remoteScorer.watch() } }
        if let retriever { jobs.append { await retriever.followEncoders() } }
        if let discovery { jobs += discovery.jobs }
        jobs += connectedJobs
        connectedJobs.removeAll()
        return jobs
    }

    /// The log's keys reach the ring, and what changes there the calls that are open.
    private func keyJobs() -> [@Sendable () async -> Void] {
        guard let ring = security?.ring else { return [] }
        var jobs: [@Sendable () async -> Void] = []
        if let log {
            jobs.append {
                let heads = log.heads()
                // What came between the start and this line too.
                ring.set(log.keys)
                for await _ in heads { ring.set(log.keys) }
            }
        }
        let servers = [routerServer, workerServer, indexServer, discoveryServer].compactMap(\.self)
        jobs.append {
            for await _ in ring.versions.values() {
                for server in servers { await server.applyKeys() }
            }
        }
        return jobs
    }

    /// Returns when a worker is attached to this node's gateway that offers the service; at once without a gateway.
    func waitUntilServed(_ service: String) async throws {
        guard let gateway else { return }
        for await served in gateway.served.values() where served.contains(service) { return }
        throw CancellationError()
    }

    /// Returns when nothing is missing here for what the roles are for; workers elsewhere do not count.
    func waitUntilServing() async throws {
        guard let retriever else { return }
        if gateway != nil { return try await waitUntilServed(RoutingServices.retriever) }
        await retriever.waitUntilAble()
        try Task.checkCancellation()
    }

    var scorerTrouble: String? { scorerFault ?? remoteScorer?.state.value.reason }

    // MARK: Taking down

    /// No new calls; those in flight finish, those of gateways elsewhere too. Appends need the gateway to encode, so the
    /// index goes first.
    func drain(grace: Duration) async {
        let deadline = ContinuousClock.now + grace
        await withTaskGroup { group in
            for leave in leavings { group.addTask { await leave(deadline) } }
            await drainServers(until: deadline)
        }
        leavings.removeAll()
        connectedJobs.removeAll()
    }

    private func drainServers(until deadline: ContinuousClock.Instant) async {
        // Decisions about proposals need the index, appends the gateway.
        await discoveryServer?.drain(until: deadline)
        await indexServer?.drain(until: deadline)
        await routerServer?.drain(until: deadline)
        await workerServer?.drain(until: deadline)
    }

    func closeChannels() async {
        for channel in channels { await channel.close() }
        channels.removeAll()
    }

    func takeDown(grace: Duration) async {
        await drain(grace: grace)
        await closeChannels()
        await remoteEncoder?.close()
        remoteEncoder = nil
        await remoteScorer?.close()
        remoteScorer = nil
        await compute?.shutDown(.dropping)
        await replicaWriter?.shutDown()
        replicaExecutor?.stop()
        folderExecutor?.stop()
        snapshotExecutor?.stop()
        await discovery?.close()
        discovery = nil
        do {
            try await log?.close()
            try await feedback?.close()
        } catch {
            logger.error("a store was not closed cleanly", metadata: ["reason": "\(error)"])
        }
        directory = nil
        meters.registry.stopCollecting()
        await security?.close()
        audit?.close()
        loop.stop()
        context.close()
    }
}
