import Configuration
import Core
import Foundation
import Logging
import Node
import RemoteEngines
import SystemPackage

/// A node's configuration out of flags, environment, config file and defaults, in this order.
struct NodeSettings {
    let configuration: NodeConfiguration
    let logLevel: Logger.Level

    /// - Throws: `CommandFailure` that names what is wrong in the flags, the environment or the file: a key that there
    ///   is not, a value of another type, what cannot work together.
    init(
        _ options: NodeOptions,
        environment: [String: String] = Environment.variables,
    ) async throws {
        let environment = Environment.nonEmpty(environment)
        let reader = try await Self.reader(options.config, environment)
        func text(_ flag: String?, _ key: NodeKey) -> String? {
            flag ?? reader.string(forKey: ConfigKey(key.rawValue))
        }
        func list(_ flag: [String], _ key: NodeKey) -> [String] {
            guard flag.isEmpty else { return flag }
            if let list = reader.stringArray(forKey: ConfigKey(key.rawValue)) { return list }
            return text(nil, key)?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } ?? []
        }
        var models = ModelPaths.installed(in: ModelPaths.cache(environment: environment)).replacing(
            encoder: text(options.encoder, .encoder),
            scorer: text(options.scorer, .scorer),
            adapter: text(options.adapter, .adapter),
            namer: text(options.namer, .namer)
        )
        models.engineKey = EngineKey(environment: environment)
        let roles = try Self.roles(list(options.roles, .roles))
        var keyFile = text(options.key, .key)
        var passedOver: String?
        if roles.contains(.updater), let variable = environment[NodeKey.key.variable] {
            // Of a node that has its own pair in its data directory the variable is its administrator's.
            passedOver = variable
            let others = environment.filter { $0.key != NodeKey.key.variable }
            let withoutIt = try await Self.reader(options.config, others)
            keyFile = options.key ?? withoutIt.string(forKey: ConfigKey(NodeKey.key.rawValue))
        }
        let configuration = NodeConfiguration(
            name: text(options.name, .name) ?? ProcessInfo.processInfo.hostName,
            roles: roles,
            dataPath: text(options.data, .data) ?? DataPlace.standard(environment),
            addresses: try Self.usage { () throws(SwitchboardError) in
                try ListenAddresses(list(options.listen, .listen))
            },
            gateways: list(options.connect, .connect),
            updater: text(options.updater, .updater),
            models: models,
            goesOnWithoutScorer: true,
            computeThreads: options.threads
                ?? reader.int(
                    forKey: ConfigKey(NodeKey.threads.rawValue),
                    default: ProcessInfo.processInfo.activeProcessorCount
                ),
            learnsFrom: try Self.learnsFrom(text(options.learnFrom, .learnFrom)),
            snapshotInterval: options.snapshotEvery ?? reader.int(forKey: ConfigKey(NodeKey.snapshotEvery.rawValue)),
            pool: try Self.pool(
                masks: text(options.mask, .mask),
                lowProbability: options.poolBelow ?? reader.double(forKey: ConfigKey(NodeKey.poolBelow.rawValue)),
                days: options.poolDays ?? reader.int(forKey: ConfigKey(NodeKey.poolDays.rawValue))
            ),
            tuner: text(options.tuner, .tuner),
            keyFile: keyFile,
            passedOverKeyFile: passedOver,
            isInsecure: options.insecure
                || reader.bool(forKey: ConfigKey(NodeKey.insecure.rawValue), default: false),
        )
        try Self.usage { () throws(SwitchboardError) in try configuration.validate() }
        self.configuration = configuration
        let level = text(options.logLevel, .logLevel) ?? "info"
        guard let logLevel = Logger.Level(rawValue: level) else {
            throw CommandFailure(
                "'\(level)' is no log level; say trace, debug, info, notice, warning, error or critical",
                exitCode: CommandFailure.usage
            )
        }
        self.logLevel = logLevel
    }

    /// Environment before file.
    private static func reader(_ file: String?, _ environment: [String: String]) async throws -> ConfigReader {
        var variables = environment
        try refuse(NodeKey.faults(inEnvironment: variables))
        let file = file ?? variables["SWITCHBOARD_CONFIG"]
        // The reader asks for each key by its own name.
        variables["SWITCHBOARD_CONNECT"] = variables[NodeKey.connect.variable]
        let provider = EnvironmentVariablesProvider(environmentVariables: variables).prefixKeys(with: "switchboard")
        guard let file else { return ConfigReader(provider: provider) }
        let reader: ConfigReader
        let written: ConfigFile
        do {
            if ConfigFile.isYAML(file) {
                let values = try await FileProvider<YAMLSnapshot>(filePath: FilePath(file))
                reader = ConfigReader(providers: [provider, values])
            } else {
                let values = try await FileProvider<JSONSnapshot>(filePath: FilePath(file))
                reader = ConfigReader(providers: [provider, values])
            }
            written = try ConfigFile(file)
        } catch {
            throw CommandFailure(
                "the config file \(file) cannot be read (\(error)); it is JSON, or YAML where its name ends in .yaml",
                exitCode: CommandFailure.usage
            )
        }
        try refuse(NodeKey.faults(in: written, path: file))
        return reader
    }

    private static func refuse(_ faults: [String]) throws {
        guard !faults.isEmpty else { return }
        throw CommandFailure(faults.joined(separator: "\n"), exitCode: CommandFailure.usage)
    }

    private static func learnsFrom(_ name: String?) throws -> FeedbackSource? {
        guard let name, name != "none" else { return nil }
        guard let source = FeedbackSource(rawValue: name) else {
            let known = FeedbackSource.allCases.map(\.rawValue).joined(separator: ", ")
            throw CommandFailure(
                "'\(name)' gives no feedback; --learn-from takes \(known) or none",
                exitCode: CommandFailure.usage
            )
        }
        return source
    }

    private static func pool(masks: String?, lowProbability: Double?, days: Int?) throws -> PoolSettings {
        try usage { () throws(SwitchboardError) in
            var settings = PoolSettings()
            if let masks { settings.masks = try MaskRules(masks) }
            if let lowProbability { settings.rule = try PoolRule(lowProbability: lowProbability) }
            if let days {
                guard (1...36_500).contains(days) else {
                    throw .invalid("unexplained utterances are kept 1 to 36500 days, not \(days)")
                }
                settings.limits.retention = .seconds(days * 24 * 3_600)
            }
            return settings
        }
    }

    private static func roles(_ names: [String]) throws -> Set<NodeRole> {
        let names = names.flatMap { $0.split(separator: ",").map(String.init) }
        guard !names.isEmpty else { return Set(NodeRole.allCases) }
        return Set(
            try names.map { name in
                guard let role = NodeRole(rawValue: name) else {
                    throw CommandFailure(
                        "'\(name)' is no role; there are \(NodeRole.allCases.map(\.rawValue).joined(separator: ", "))",
                        exitCode: CommandFailure.usage
                    )
                }
                return role
            }
        )
    }

    private static func usage<Result>(_ body: () throws(SwitchboardError) -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            throw CommandFailure(error.message, exitCode: CommandFailure.usage)
        }
    }
}
