import Foundation

/// What a node can be told in a config file and in the environment, by the names of the options of `switchboard node`.
enum NodeKey: String, CaseIterable {
    case roles
    case data
    case listen
    case connect
    case updater
    case encoder
    case scorer
    case adapter
    case namer
    case threads
    case learnFrom = "learn-from"
    case snapshotEvery = "snapshot-every"
    case mask
    case tuner
    case poolBelow = "pool-below"
    case poolDays = "pool-days"
    case name
    case key
    case logLevel = "log-level"
    case insecure

    private enum Kind {
        case text
        case list
        case number
        case fraction
        case flag
    }

    private var kind: Kind {
        switch self {
        case .roles, .listen, .connect: .list
        case .threads, .snapshotEvery, .poolDays: .number
        case .poolBelow: .fraction
        case .insecure: .flag
        case .data, .updater, .encoder, .scorer, .adapter, .namer, .learnFrom, .mask, .tuner, .name, .key, .logLevel:
            .text
        }
    }

    /// Its name in the environment: `SWITCHBOARD_` and the option in capitals, but for `--connect`, since
    /// `SWITCHBOARD_CONNECT` is the router port that clients ask.
    var variable: String {
        switch self {
        case .connect: "SWITCHBOARD_GATEWAYS"
        default: "SWITCHBOARD_" + rawValue.uppercased().replacingOccurrences(of: "-", with: "_")
        }
    }

    // MARK: Checking

    /// - Returns: what is wrong with the environment, a sentence each.
    static func faults(inEnvironment variables: [String: String]) -> [String] {
        allCases.compactMap { key in
            guard let value = variables[key.variable] else { return nil }
            let isFine =
                switch key.kind {
                case .text, .list: true
                case .number: Int(value) != nil
                case .fraction: Double(value) != nil
                case .flag: ["true", "false", "yes", "no", "1", "0"].contains(value.lowercased())
                }
            return isFine ? nil : "\(key.variable) is '\(value)'; \(key.accepted) is accepted"
        }
    }

    /// - Parameter path: of the file, for the words.
    /// - Returns: what is wrong with a config file, a sentence each, in the order of its keys.
    static func faults(in file: ConfigFile, path: String) -> [String] {
        file.values.keys.sorted().compactMap { name in
            guard let value = file.values[name] else { return nil }
            guard let key = NodeKey(rawValue: name) else {
                let guess = nearest(to: name).map { "; did you mean '\($0.rawValue)'?" } ?? "."
                let all = allCases.map(\.rawValue).joined(separator: ", ")
                return "the config file \(path) has the key '\(name)', which says nothing to a node\(guess) "
                    + "Accepted are \(all)"
            }
            return key.accepts(value, isYAML: file.isYAML)
                ? nil : "in the config file \(path), '\(name)' is \(value.words); \(key.accepted) is accepted"
        }
    }

    private var accepted: String {
        switch kind {
        case .text: "text"
        case .list: "text or a list of texts"
        case .number: "a whole number"
        case .fraction: "a number"
        case .flag: "true or false"
        }
    }

    private func accepts(_ value: ConfigFile.Value, isYAML: Bool) -> Bool {
        switch (kind, value) {
        case (.number, .number), (.flag, .flag), (.fraction, .number): true
        case (.fraction, .text(let text)): Double(text) != nil
        case (.text, _): Self.isText(value, isYAML: isYAML)
        case (.list, .list(let values)): values.allSatisfy { Self.isText($0, isYAML: isYAML) }
        case (.list, _): Self.isText(value, isYAML: isYAML)
        default: false
        }
    }

    /// YAML marks no text as such: `name: 7` is a name.
    private static func isText(_ value: ConfigFile.Value, isYAML: Bool) -> Bool {
        switch value {
        case .text(let text): !text.isEmpty
        case .number, .flag: isYAML
        case .nothing, .list, .mapping: false
        }
    }

    // MARK: Spelling

    /// The key that was meant most likely; nil where none is near.
    static func nearest(to name: String) -> NodeKey? {
        Spelling.nearest(to: name.lowercased(), of: allCases.map(\.rawValue)).flatMap { NodeKey(rawValue: $0) }
    }
}
