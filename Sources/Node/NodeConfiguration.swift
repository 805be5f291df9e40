package import Core
internal import Models
package import RemoteEngines

/// Everything that a node is told. Values only; nothing is opened by making one.
package struct NodeConfiguration: Sendable {
    package var name: String
    package var roles: Set<NodeRole>
    /// The data directory; needed by updater and clusterer.
    package var dataPath: String?
    package var addresses: ListenAddresses
    /// Worker ports of gateways elsewhere; needed by roles whose gateway is not in this node.
    package var gateways: [String]
    /// The updater elsewhere; needed by gateway, retriever and clusterer where the updater is not in this node.
    package var updater: String?
    package var models: ModelPaths
    /// Where the files of the language model are there and cannot be used, whether the other roles are played without it.
    package var goesOnWithoutScorer: Bool
    package var computeThreads: Int
    /// Feedback of this source and those above it makes exemplars; nil: none does.
    package var learnsFrom: FeedbackSource?
    /// Records of the log from one snapshot of the index to the next; 0: only those that are asked for. Nil: the default.
    package var snapshotInterval: Int?
    /// Tokens of what callers ask the language model in one go; 1: each question alone. Nil: the queue's default.
    package var languageBatchTokens: Int?
    /// Which utterances are kept to discover intents of them, how and for how long.
    package var pool: PoolSettings
    /// The program that tunes vectors to a run's own text, as `CommandTuner` calls it; nil: runs cannot be tuned.
    package var tuner: String?
    /// The node's own key pair; nil: an updater's is in its data directory, others have none unless they meet keys.
    package var keyFile: String?
    /// What the environment names as a key pair, and this node passes over: an updater is known by the pair in its data
    /// directory, and whoever keeps keys has his own in that variable. Nil: nothing.
    package var passedOverKeyFile: String?
    /// Allows addresses that others can reach, without keys.
    package var isInsecure: Bool
    /// How long calls in flight may take once the node is told to stop.
    package var grace: Duration

    package init(
        name: String = "node",
        roles: Set<NodeRole> = Set(NodeRole.allCases),
        dataPath: String?,
        addresses: ListenAddresses = ListenAddresses(),
        gateways: [String] = [],
        updater: String? = nil,
        models: ModelPaths = ModelPaths(),
        goesOnWithoutScorer: Bool = false,
        computeThreads: Int = 2,
        learnsFrom: FeedbackSource? = nil,
        snapshotInterval: Int? = nil,
        languageBatchTokens: Int? = nil,
        pool: PoolSettings = PoolSettings(),
        tuner: String? = nil,
        keyFile: String? = nil,
        passedOverKeyFile: String? = nil,
        isInsecure: Bool = false,
        grace: Duration = .seconds(5),
    ) {
        self.name = name
        self.roles = roles
        self.dataPath = dataPath
        self.addresses = addresses
        self.gateways = gateways
        self.updater = updater
        self.models = models
        self.goesOnWithoutScorer = goesOnWithoutScorer
        self.computeThreads = computeThreads
        self.learnsFrom = learnsFrom
        self.snapshotInterval = snapshotInterval
        self.languageBatchTokens = languageBatchTokens
        self.pool = pool
        self.tuner = tuner
        self.keyFile = keyFile
        self.passedOverKeyFile = passedOverKeyFile
        self.isInsecure = isInsecure
        self.grace = grace
    }

    /// More than any machine has cores; each costs memory, and the system ends a process to which it gives no more.
    private static let mostThreads = 1_024
    /// Among workers and followers it stands with what it does behind it, in 256 bytes (`protocol.md`, Limits).
    private static let longestName = 200

    /// - Throws: `.invalidArgument` where what is asked for cannot work together, with what is missing.
    package func validate() throws(SwitchboardError) {
        guard !roles.isEmpty else {
            throw .invalid("a node needs a role: gateway, retriever, scorer, updater, clusterer")
        }
        for role in [NodeRole.updater, .clusterer] where roles.contains(role) && dataPath == nil {
            throw .invalid("the role \(role.rawValue) needs a data directory (--data)")
        }
        if !roles.contains(.gateway), gateways.isEmpty {
            throw .invalid(
                "these roles need a gateway: add the role gateway, or name one with --connect tcp://host:7701"
            )
        }
        if !roles.isDisjoint(with: [.gateway, .retriever, .clusterer]), !roles.contains(.updater), updater == nil {
            throw .invalid(
                "these roles need the log: add the role updater, or name one with --updater tcp://host:7702"
            )
        }
        if roles.contains(.retriever), models.encoder == nil {
            throw .invalid("the role retriever needs an encoder (--encoder FILE); deploy/setup installs one")
        }
        try models.engineKey?.check()
        _ = try EngineAddress.named(models.encoder)
        if try EngineAddress.named(models.scorer) != nil, models.adapter != nil || models.namer != nil {
            throw .invalid(
                "an adapter is given to a language model in this process; one on a server is named as a model of its own "
                    + "(--scorer openai:URL#MODEL)"
            )
        }
        guard computeThreads > 0 else { throw .invalid("a node needs at least one compute thread") }
        guard computeThreads <= Self.mostThreads else {
            throw .invalid("a node has at most \(Self.mostThreads) compute threads, not \(computeThreads)")
        }
        guard (1...Self.longestName).contains(name.utf8.count) else {
            throw .invalid("a node's name has 1 to \(Self.longestName) bytes, not \(name.utf8.count)")
        }
        if let snapshotInterval, snapshotInterval < 0 {
            throw .invalid("snapshots are so many records apart, or 0 for none but on demand; not \(snapshotInterval)")
        }
        if let languageBatchTokens, languageBatchTokens < 1 {
            throw .invalid("a batch of questions to the language model has 1 token or more, not \(languageBatchTokens)")
        }
        try pool.limits.validate()
        let meetsKeys = try meetsKeys()
        // Of an updater its log says whether there are keys, which is looked at when it is opened.
        if !isInsecure, !roles.contains(.updater), keyFile == nil, !meetsKeys { try addresses.requireLocal() }
    }

    /// Whether the updater elsewhere, whose log says who may connect, uses keys.
    ///
    /// - Throws: as `meetsKeys`.
    func followsKeys() throws(SwitchboardError) -> Bool {
        guard let updater else { return false }
        return try KeyedAddress(updater).key != nil
    }

    /// Whether another node that it connects to asks for a key.
    ///
    /// - Throws: `.invalidArgument` for what is no address to connect to, or where what stands behind its `#` is no public key.
    func meetsKeys() throws(SwitchboardError) -> Bool {
        var meetsOne = false
        // All are looked at, so that one that is wrong is told.
        for address in gateways + (updater.map { [$0] } ?? []) {
            let keyed = try KeyedAddress(address)
            try Self.requirePlace(keyed.place)
            if keyed.key != nil { meetsOne = true }
        }
        return meetsOne
    }

    /// libzmq would only try again, and a worker would look for its gateway for ever.
    private static func requirePlace(_ place: String) throws(SwitchboardError) {
        let isPath = place.hasPrefix("ipc://") && place.utf8.count > 6
        guard !isPath, (HostPort(tcp: place)?.port ?? 0) == 0 else { return }
        throw .invalid(
            "'\(place)' is no address to connect to; write tcp://host:port, such as tcp://host:7701 of a gateway's workers or "
                + "tcp://host:7702 of the updater, or ipc://path"
        )
    }
}

/// Where the models are: files, or `openai:URL` for an encoder or a language model on a server.
package struct ModelPaths: Sendable, Equatable {
    package var encoder: String?
    /// Nil: no language model.
    package var scorer: String?
    package var adapter: String?
    /// An adapter for questions about clusters alone; nil: what scores answers them.
    package var namer: String?
    /// The policy that an updater appends with the scope `builtin`, where the log has another; nil: none.
    package var policy: String?
    /// For servers that want one.
    package var engineKey: EngineKey?

    package init(
        encoder: String? = nil,
        scorer: String? = nil,
        adapter: String? = nil,
        namer: String? = nil,
        policy: String? = nil,
        engineKey: EngineKey? = nil,
    ) {
        self.encoder = encoder
        self.scorer = scorer
        self.adapter = adapter
        self.namer = namer
        self.policy = policy
        self.engineKey = engineKey
    }
}
