internal import Calls
internal import Core
internal import Discovering
internal import Logging
internal import UpdateStore
internal import Wire

/// What a node with the role clusterer has besides: the pool, the book of proposals, the clusterer.
final class DiscoveryParts: Sendable {
    let pool: PoolStore
    let clusterer: Clusterer
    private let book: ReviewStore
    private let executor: ThreadExecutor
    private let logger: Logger

    /// - Parameters:
    ///   - gateways: at least one.
    ///   - index: the updater's.
    init(
        _ configuration: NodeConfiguration,
        in directory: DataDirectory,
        gateways: [CallChannel],
        index: CallChannel,
        logger: Logger,
    ) throws {
        self.logger = logger
        // What is forgotten once does not come back, so that no clock that is wrong for a while is believed.
        let now = SteadyDate.clock(UpdateLog.systemTime)
        let pool = try PoolStore(
            in: directory,
            limits: configuration.pool.limits,
            masks: configuration.pool.masks,
            now: now
        )
        self.pool = pool
        book = try ReviewStore(in: directory)
        executor = ThreadExecutor(name: "sb-clusterer")
        let engines = PoolEngines(GatewayEngines(gateways: gateways), keepingIn: pool)
        let gateway = gateways[0]
        let taxonomy = GatewayTaxonomy(gateway: gateway)
        let tuner = Self.tuner(configuration, directory)
        let cleaning = PoolCleaning(pool, rule: configuration.pool.rule) {
            (request: ClassifyRequest) async throws(SwitchboardError) -> ClassifyResponse in
            try await gateway.call(Methods.classify, request)
        }
        clusterer = Clusterer(
            runs: directory.runsPath,
            pool: pool,
            book: book,
            engines: engines,
            index: IndexChanges(updater: index),
            intents: { vertical in try await taxonomy.view(of: [vertical]).names(in: vertical) },
            cleaning: cleaning,
            executor: executor,
            logger: logger,
            now: now,
            canTune: tuner != nil,
            body: Clusterer.liveBody(
                engines: engines,
                taxonomy: taxonomy,
                tuner: tuner
            )
        )
    }

    /// By the program that the operator named, if any.
    private static func tuner(
        _ configuration: NodeConfiguration,
        _ directory: DataDirectory,
    ) -> (@Sendable (Bits128) -> any VectorTuner)? {
        guard let program = configuration.tuner else { return nil }
        let runs = directory.runsPath
        return { run in CommandTuner(program: program, folder: "\(runs)/\(run)/tuning") }
    }

    /// What runs as long as the node does.
    var jobs: [@Sendable () async -> Void] {
        let (clusterer, upkeep) = (clusterer, PoolUpkeep(pool, logger: logger))
        return [{ await clusterer.run() }, { await upkeep.run() }]
    }

    /// After the jobs have ended.
    func close() async {
        executor.stop()
        do {
            try await pool.close()
            try await book.close()
        } catch {
            logger.error("a store was not closed cleanly", metadata: ["reason": "\(error)"])
        }
    }
}
