import Foundation
import Yams

/// Which keys a config file has and what kind of value stands behind each: what the library that reads the values does
/// not tell.
struct ConfigFile {
    enum Value: Equatable {
        /// Nothing, or null.
        case nothing
        case text(String)
        case number(String)
        case flag(String)
        case list([Value])
        /// Keys and values of its own.
        case mapping
    }

    /// What a name ending in .yaml or .yml says; anything else is JSON.
    let isYAML: Bool
    let values: [String: Value]

    static func isYAML(_ path: String) -> Bool { path.hasSuffix(".yaml") || path.hasSuffix(".yml") }

    /// - Throws: what keeps the file from being read.
    init(_ path: String) throws {
        isYAML = Self.isYAML(path)
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        values = try isYAML ? Self.yaml(data) : JSONDecoder().decode([String: Value].self, from: data)
    }

    private static func yaml(_ data: Data) throws -> [String: Value] {
        guard let root = try Yams.compose(yaml: String(decoding: data, as: UTF8.self))?.mapping else { return [:] }
        var values: [String: Value] = [:]
        for (key, value) in root {
            values[key.string ?? "?"] = Value(value)
        }
        return values
    }
}

extension ConfigFile.Value {
    fileprivate init(_ node: Node) {
        if node.mapping != nil {
            self = .mapping
        } else if let sequence = node.sequence {
            self = .list(sequence.map { Self($0) })
        } else if let scalar = node.scalar {
            if node.null != nil {
                self = .nothing
            } else if node.bool != nil {
                self = .flag(scalar.string)
            } else if node.int != nil {
                self = .number(scalar.string)
            } else {
                self = .text(scalar.string)
            }
        } else {
            self = .nothing
        }
    }

    /// As a person would write it.
    var words: String {
        switch self {
        case .nothing: "nothing"
        case .text(let text), .number(let text), .flag(let text): "'\(text)'"
        case .list(let values): "a list of \(values.map(\.words).joined(separator: ", "))"
        case .mapping: "a set of keys"
        }
    }
}

extension ConfigFile.Value: Decodable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .nothing
        } else if let flag = try? container.decode(Bool.self) {
            self = .flag(String(flag))
        } else if let number = try? container.decode(Int.self) {
            self = .number(String(number))
        } else if let number = try? container.decode(Double.self) {
            self = .text(String(number))
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let values = try? container.decode([Self].self) {
            self = .list(values)
        } else {
            self = .mapping
        }
    }
}
