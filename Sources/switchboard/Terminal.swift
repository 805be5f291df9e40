import Foundation

/// Where words go: results to stdout, everything else to stderr; colour and redrawing only where a person looks.
enum Terminal {
    static let isInteractive = isatty(STDERR_FILENO) == 1
    static let showsColour =
        isatty(STDOUT_FILENO) == 1 && Environment.variables["NO_COLOR"] == nil

    /// Writes a line to stderr.
    static func note(_ message: String) {
        FileHandle.standardError.write(Data((message + "\n").utf8))
    }

    /// Tells of one of several gateways, beside which calls go on at the others.
    @Sendable static func noteRefusal(by gateway: String, _ reason: String) {
        note("\(gateway) does not let this command in: \(reason)")
    }

    /// Writes a line to stdout at once, so that whoever reads from a pipe gets it.
    static func line(_ text: String) {
        FileHandle.standardOutput.write(Data((text + "\n").utf8))
    }

    static func bold(_ text: String) -> String { showsColour ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
    static func dim(_ text: String) -> String { showsColour ? "\u{1B}[2m\(text)\u{1B}[0m" : text }
}

/// One JSON object a line, keys in a fixed order.
enum JSONLine {
    static func encode(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
