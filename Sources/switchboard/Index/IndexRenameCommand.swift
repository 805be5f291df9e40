import ArgumentParser
import SwitchboardClient

struct IndexRenameCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rename",
        abstract: "Gives an intent another path; what lies below it goes along.",
        discussion: """
            The intent keeps its id, its exemplars and what is known of it; no vector moves, and no answer mixes old and \
            new names. What is missing above the new path is named. Where an intent stands there already, merge instead.

              switchboard index rename orders/late delivery/late
            """,
    )

    @Argument(help: "The intent, levels joined by '/'.")
    var path: String

    @Argument(help: "Its new path.")
    var newPath: String

    @Option(help: "Its vertical. Default: default.")
    var vertical = "default"

    @Flag(name: .customLong("dry-run"), help: "Say what would change, and change nothing.")
    var dryRun = false

    @Flag(help: "One JSON object.")
    var json = false

    @OptionGroup var change: ChangeOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let options = try change.options(source: "index rename", at: connection.place())
        let receipt = try await connection.withClient { client in
            try await client.rename(path, to: newPath, vertical: vertical, isDryRun: dryRun, options: options)
        }
        if let refused = receipt.refusals.first { throw CommandFailure(refused.reason) }
        let deed = NameReport.Deed(
            planned: "rename \(path) to \(newPath)",
            done: "renamed \(path) to \(newPath)"
        )
        try NameReport(receipt, isDryRun: dryRun).show(deed, asJSON: json)
    }
}
