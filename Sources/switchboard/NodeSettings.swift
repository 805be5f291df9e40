import Configuration
import Core
import Foundation
import Logging
import Node
import SystemPackage

/// A node's configuration out of flags, environment, config file and defaults, in this order.
struct NodeSettings {
    let configuration: NodeConfiguration
    let logLevel: Logger.Level

    init(_ options: NodeOptions) async throws {
        let environment = ProcessInfo.processInfo.environment
        let reader = try await Self.reader(options.config)
        func text(_ flag: String?, _ key: ConfigKey) -> String? { flag ?? reader.string(forKey: key) }
        func list(_ flag: [String], _ key: ConfigKey) -> [String] {
            flag.isEmpty ? reader.stringArray(forKey: key, default: []) : flag
        }
        var models = ModelPaths.installed(in: ModelPaths.cache(environment: environment))
        if let encoder = text(options.encoder, "encoder") { models.encoder = encoder }
        if let scorer = text(options.scorer, "scorer") { models.scorer = scorer == "none" ? nil : scorer }
        models.adapter = text(options.adapter, "adapter")
        let configuration = NodeConfiguration(
            name: text(options.name, "name") ?? ProcessInfo.processInfo.hostName,
            roles: try Self.roles(list(options.roles, "roles")),
            dataPath: text(options.data, "data") ?? Self.defaultData(environment),
            addresses: try Self.usage { () throws(SwitchboardError) in
                try ListenAddresses(list(options.listen, "listen"))
            },
            gateways: list(options.connect, "connect"),
            updater: text(options.updater, "updater"),
            models: models,
            computeThreads: options.threads
                ?? reader.int(forKey: "threads", default: ProcessInfo.processInfo.activeProcessorCount),
            isInsecure: options.insecure || reader.bool(forKey: "insecure", default: false),
        )
        try Self.usage { () throws(SwitchboardError) in try configuration.validate() }
        self.configuration = configuration
        let level = text(options.logLevel, "log-level") ?? "info"
        guard let logLevel = Logger.Level(rawValue: level) else {
            throw CommandFailure(
                "'\(level)' is no log level; say trace, debug, info, notice, warning, error or critical",
                exitCode: CommandFailure.usage
            )
        }
        self.logLevel = logLevel
    }

    /// Environment before file. In the environment a name is `SWITCHBOARD_` and the option in capitals, but that of
    /// `--connect` is `SWITCHBOARD_GATEWAYS`: `SWITCHBOARD_CONNECT` is the router port that clients ask.
    private static func reader(_ file: String?) async throws -> ConfigReader {
        var variables = ProcessInfo.processInfo.environment
        variables["SWITCHBOARD_CONNECT"] = variables["SWITCHBOARD_GATEWAYS"]
        let environment = EnvironmentVariablesProvider(environmentVariables: variables).prefixKeys(with: "switchboard")
        guard let file = file ?? ProcessInfo.processInfo.environment["SWITCHBOARD_CONFIG"] else {
            return ConfigReader(provider: environment)
        }
        do {
            if file.hasSuffix(".yaml") || file.hasSuffix(".yml") {
                return ConfigReader(providers: [
                    environment, try await FileProvider<YAMLSnapshot>(filePath: FilePath(file)),
                ])
            }
            return ConfigReader(providers: [
                environment, try await FileProvider<JSONSnapshot>(filePath: FilePath(file)),
            ])
        } catch {
            throw CommandFailure(
                "the config file \(file) cannot be read (\(error)); it is JSON, or YAML where its name ends in .yaml",
                exitCode: CommandFailure.usage
            )
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

    private static func defaultData(_ environment: [String: String]) -> String {
        if let base = environment["XDG_DATA_HOME"], !base.isEmpty { return base + "/switchboard" }
        return (environment["HOME"] ?? "") + "/.local/share/switchboard"
    }

    private static func usage<Result>(_ body: () throws(SwitchboardError) -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            throw CommandFailure(error.message, exitCode: CommandFailure.usage)
        }
    }
}
