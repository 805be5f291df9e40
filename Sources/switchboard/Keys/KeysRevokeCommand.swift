import ArgumentParser
import SwitchboardClient

struct KeysRevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Shuts a key out for ever. Takes an admin's key.",
        discussion: """
            Its calls are answered with UNAUTHENTICATED and its streams end, within a second of a node's knowing. The last \
            admin cannot be revoked; neither the name nor the key can be used again.
            """,
    )

    @Argument(help: "What the key is called.")
    var name: String

    @Flag(help: "One JSON object.")
    var json = false

    @OptionGroup var change: ChangeOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        var options = try change.options(source: "keys revoke", at: connection.place())
        let changeID = ChangeID.make("revoke-key")
        options.changeID = changeID
        let finished = options
        let receipt = try await connection.withClient { try await $0.revokeKey(named: name, options: finished) }
        try ChangeReport(receipt, changeID: changeID).show(
            receipt.unchanged > 0 ? "nothing changed; \(name) was revoked before" : "revoked \(name)",
            asJSON: json
        )
    }
}
