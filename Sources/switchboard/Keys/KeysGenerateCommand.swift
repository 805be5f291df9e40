import ArgumentParser
import Core
import Foundation
import Node

struct KeysGenerateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Makes a key pair in a file and prints its public half.",
        discussion: """
            With --data it also writes the first admin into the log of that data directory; its node has to be stopped. Later \
            keys are added by an admin, through a running node: switchboard keys add. The secret half stays in the file, \
            which its owner alone may read.
            """,
    )

    @Option(help: "What the key is called. Default: admin with --data, else as the file of --out, or key.")
    var name: String?

    // Without --data for the words that tell how it is added.
    @OptionGroup var rights: KeyRights

    @Option(help: "Data directory of a node that is stopped and has no keys yet.")
    var data: String?

    @Option(help: "Where the pair goes. Default: NAME.key, with --data in its folder keys/.")
    var out: String?

    @Flag(help: "One JSON object.")
    var json = false

    func run() async throws {
        let report = try await reportingFailures { try await make() }
        Terminal.line(json ? try JSONLine.encode(report) : report.words)
    }

    /// What a key is called that goes into a file: as the file without its folder and its ending.
    static func name(of file: String?) -> String {
        let last = file.map { URL(fileURLWithPath: $0).deletingPathExtension().lastPathComponent } ?? ""
        return (try? KeyName(last))?.text ?? "key"
    }

    private func make() async throws -> GeneratedKey {
        let name = try KeyName(self.name ?? (data == nil ? Self.name(of: out) : "admin"))
        guard let data else {
            // Told when the key is added; here they are for the words alone.
            _ = (try rights.checkedRoles(), try rights.checkedVerticals())
            let file = out ?? "\(name).key"
            let publicKey = try NewKeyPair.make(in: file)
            return GeneratedKey(
                name: name.text,
                publicKey: publicKey.description,
                file: file,
                roles: rights.roles,
                verticals: rights.verticals
            )
        }
        let roles = try rights.checkedRoles()
        let (first, file) = try await FirstKey.issue(
            named: name,
            roles: roles.isEmpty ? [.admin] : roles,
            verticals: try rights.checkedVerticals(),
            data: data,
            file: out,
            author: NSUserName()
        )
        return GeneratedKey(
            name: name.text,
            publicKey: first.key.publicKey.description,
            file: file,
            roles: first.key.roles.sorted().map(\.rawValue),
            verticals: [],
            nodePublicKey: first.nodeKey.description,
            seq: first.position.sequence.number
        )
    }
}

/// What `keys generate` made, for a person and for `--json`.
struct GeneratedKey: Encodable, Equatable {
    let name: String
    let publicKey: String
    let file: String
    /// Those it has, or is to be added with.
    var roles: [String]
    var verticals: [String]
    /// Nil: it is in no log yet.
    var nodePublicKey: String?
    var seq: UInt64?

    enum CodingKeys: String, CodingKey {
        case name
        case publicKey = "public_key"
        case file
        case roles
        case verticals
        case nodePublicKey = "node_public_key"
        case seq
    }

    var words: String {
        var lines = ["public key  \(publicKey)", "file        \(file) (keep it to yourself)"]
        if let nodePublicKey {
            lines.append("in the log  as '\(name)' with \(roles.joined(separator: ", "))")
            lines.append("the node's  \(nodePublicKey)")
            lines.append("Start the node; then, in single quotes as the key has signs that a shell reads:")
            lines.append("  switchboard keys list --key \(file) --connect 'tcp://127.0.0.1:7700#\(nodePublicKey)'")
        } else {
            let asked = roles.isEmpty ? ", for a ROLE that is classify, publish, review, worker or admin" : ""
            lines.append("Let an admin add it\(asked):")
            let rights =
                (roles.isEmpty ? ["ROLE"] : roles).map { " --role \($0)" } + verticals.map { " --vertical \($0)" }
            lines.append("  switchboard keys add \(name)\(rights.joined()) --public-key '\(publicKey)'")
        }
        return lines.joined(separator: "\n")
    }
}
