import Core
import SwitchboardClient
import Wire

/// An id of a proposal or a run as people write it: its first digits, as many as tell it from the others.
struct IDPrefix: Equatable {
    static let leastDigits = 4
    /// Of a whole id.
    private static let digits = 32

    /// Lower-case hexadecimal.
    let text: String

    /// - Throws: of usage, with what is accepted.
    init(_ written: String, of what: String) throws(CommandFailure) {
        let isHexadecimal = written.utf8.allSatisfy { byte in
            UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || UInt8(ascii: "a")...UInt8(ascii: "f") ~= byte
                || UInt8(ascii: "A")...UInt8(ascii: "F") ~= byte
        }
        guard isHexadecimal, (Self.leastDigits...Self.digits).contains(written.utf8.count) else {
            throw CommandFailure(
                "'\(written)' is no id of a \(what); it is \(Self.leastDigits) to \(Self.digits) hexadecimal "
                    + "digits, as 'switchboard discover list' shows them",
                exitCode: CommandFailure.usage
            )
        }
        text = written.lowercased()
    }

    /// The whole id; nil: these are its first digits only.
    var whole: Bits128? { Bits128(hex: text) }

    func matches(_ id: Bits128) -> Bool { id.description.hasPrefix(text) }

    // MARK: Among those that there are

    /// - Parameter advice: what else there is to do where none begins so.
    /// - Throws: where none, or more than one, of the node's proposals begins so.
    func proposal(_ client: SwitchboardClient, advice: String? = nil) async throws -> Bits128 {
        if let whole { return whole }
        return try proposal(among: try await client.proposals(includesHidden: true).proposals, advice: advice)
    }

    func proposal(among proposals: [Proposal], advice: String? = nil) throws(CommandFailure) -> Bits128 {
        let found = proposals.filter { matches($0.id) }
        guard let first = found.first else {
            let shown = "'switchboard discover list --all' shows those that there are"
            throw CommandFailure("no proposal begins with \(text); \(shown)" + (advice.map { "\n\($0)" } ?? ""))
        }
        guard found.count == 1 else {
            let names = found.prefix(10).map { "  \($0.id)  \($0.name.label)" }.joined(separator: "\n")
            throw CommandFailure("\(found.count) proposals begin with \(text); write more digits:\n\(names)")
        }
        return first.id
    }

    /// - Throws: where none, or more than one, of the node's runs begins so.
    func run(_ client: SwitchboardClient) async throws -> Bits128 {
        if let whole { return whole }
        return try run(among: try await client.proposals(includesHidden: true, limit: 1).runs)
    }

    func run(among runs: [RunSummary]) throws(CommandFailure) -> Bits128 {
        let found = runs.filter { matches($0.run) }
        guard let first = found.first else {
            throw CommandFailure(
                "no run begins with \(text); 'switchboard discover list --runs' shows those that there are"
            )
        }
        guard found.count == 1 else {
            throw CommandFailure(
                "\(found.count) runs begin with \(text); write more digits:\n"
                    + found.prefix(10).map { "  \($0.run)" }.joined(separator: "\n")
            )
        }
        return first.run
    }
}
