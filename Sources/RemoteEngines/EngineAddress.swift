package import Core
internal import Foundation

/// A server of models elsewhere, as `--encoder` and `--scorer` name it: `openai:URL`, or `openai:URL#MODEL` where it
/// serves several.
///
/// A checked value. Whether there is such a server it does not know.
package struct EngineAddress: Hashable, Sendable, CustomStringConvertible {
    private static let scheme = "openai:"

    /// Without a slash at its end, such as `http://gpu-1:8000/v1`.
    package let base: String
    /// Nil: the one model that the server lists.
    package let model: String?

    /// Whether what was written means a server; anything else is a file.
    package static func isMeant(by written: String) -> Bool { written.hasPrefix(scheme) }

    /// The server that was written; nil where nothing was, or a file.
    ///
    /// - Throws: `.invalidArgument`, saying what is accepted.
    package static func named(_ written: String?) throws(SwitchboardError) -> EngineAddress? {
        guard let written, isMeant(by: written) else { return nil }
        return try EngineAddress(written)
    }

    /// - Throws: `.invalidArgument`, saying what is accepted.
    package init(_ written: String) throws(SwitchboardError) {
        guard Self.isMeant(by: written) else { throw Self.unreadable }
        guard let url = URLComponents(string: String(written.dropFirst(Self.scheme.count))),
            url.scheme == "http" || url.scheme == "https", let host = url.host, !host.isEmpty, url.query == nil,
            url.user == nil, url.password == nil, url.port.map({ (1...65_535).contains($0) }) ?? true
        else { throw Self.unreadable }
        model = url.fragment.flatMap { $0.isEmpty ? nil : $0 }
        var root = url
        root.fragment = nil
        var path = root.path
        while path.hasSuffix("/") { path.removeLast() }
        // The servers' own documents write the address with the version and without it.
        root.path = path.hasSuffix("/v1") ? path : path + "/v1"
        guard let base = root.string else { throw Self.unreadable }
        self.base = base
    }

    package var description: String { base + (model.map { "#" + $0 } ?? "") }

    /// What was written is not repeated: it may hold a password.
    private static var unreadable: SwitchboardError {
        .invalid(
            "this is no address of a model server; write openai:http://host:port (or https; a port is 1 to 65535), with "
                + "#MODEL at its end where the server has several; a key belongs in SWITCHBOARD_OPENAI_KEY"
        )
    }
}

/// What a server asks for before it answers: sent as a bearer token, never printed.
package struct EngineKey: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    package static let variable = "SWITCHBOARD_OPENAI_KEY"

    let token: String

    /// - Parameter environment: nil where the variable is not there, or empty.
    package init?(environment: [String: String]) {
        // A key that was read from a file ends with a line end, which no header may hold.
        let written = environment[Self.variable]?.trimmingCharacters(in: .whitespacesAndNewlines)
        guard let token = written, !token.isEmpty else { return nil }
        self.token = token
    }

    /// - Throws: `.invalidArgument` for what no header may hold: every request would fail, and not say why.
    package func check() throws(SwitchboardError) {
        guard token.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw .invalid(
                "\(Self.variable) holds a space or another character that no key has; visible ASCII is accepted"
            )
        }
    }

    package var description: String { "a key" }
    package var debugDescription: String { description }
}
