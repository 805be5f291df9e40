import ArgumentParser
import Core
import Node
import SwitchboardClient

struct KeysAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Lets the holder of a key connect, or gives a key other roles and verticals.",
        discussion: """
            Takes an admin's key. The public half is what 'keys generate' printed; write it in single quotes.
            """,
    )

    @Argument(help: "What the key is called from now on: 1 to 64 of letters, digits, '.', '_', '@' and '-'.")
    var name: String

    // A public half may begin with a dash.
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The public half, 40 characters.", valueName: "characters")
    )
    var publicKey: String?

    @Option(help: ArgumentHelp("A key file instead, of which only the public half is read.", valueName: "file"))
    var file: String?

    @OptionGroup var rights: KeyRights

    @Flag(help: "One JSON object.")
    var json = false

    @OptionGroup var change: ChangeOptions
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard (publicKey == nil) != (file == nil) else {
            throw ValidationError("name the public half with --public-key or --file")
        }
        guard !rights.roles.isEmpty else {
            throw ValidationError("say what the key is for: --role classify, publish, review, worker or admin")
        }
    }

    func run() async throws {
        var options = try change.options(source: "keys add", at: connection.place())
        let changeID = ChangeID.make("add-key")
        options.changeID = changeID
        let finished = options
        let half = try await reportingFailures { try publicKey ?? NewKeyPair.publicKey(in: file ?? "").description }
        let entry = KeyEntry(name: name, publicKey: half, roles: rights.roles, verticals: rights.verticals)
        let receipt = try await connection.withClient { try await $0.addKey(entry, options: finished) }
        try ChangeReport(receipt, changeID: changeID).show(
            receipt.unchanged > 0 ? "nothing changed; \(name) is so already" : "added \(name)",
            asJSON: json
        )
    }
}
