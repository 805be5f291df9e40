import ArgumentParser
import SwitchboardClient

struct IndexRollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Undoes all that came after a record, by new records.",
        discussion: """
            Exemplars, their vectors, names, what is known of intents, and policies stand again as they stood then. \
            Intents named since stay, without exemplars; keys and purges are not undone. The record has to end an \
            operation, as 'index history' lists them. It is written in operations of up to 1,000 records: interrupted \
            half-way, the same command goes on from there.

            It shows what would change and asks, unless --yes is said.

              switchboard index rollback --to 1200 --dry-run
            """,
    )

    @Option(help: ArgumentHelp("The last record that is to stand; 0: none.", valueName: "seq"))
    var to: UInt64

    @Option(help: "Only this vertical, without the policies of '*' and 'builtin'. Default: all.")
    var vertical: String?

    @Flag(help: "One JSON object.")
    var json = false

    @OptionGroup var consent: Consent
    @OptionGroup var change: ChangeOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let options = try change.options(source: "index rollback", at: connection.place())
        let place = "back to record \(to)" + (vertical.map { " in \($0)" } ?? "")
        let deed = NameReport.Deed(planned: "roll \(place)", done: "rolled \(place)")
        try await connection.withClient { client in
            if !consent.yes {
                let receipt = try await client.rollback(to: to, vertical: vertical, isDryRun: true, options: options)
                let report = NameReport(receipt, isDryRun: true)
                if consent.dryRun { return try report.show(deed, asJSON: json) }
                Terminal.note(report.words(deed))
                try consent.ask()
            }
            let receipt = try await client.rollback(to: to, vertical: vertical, options: options)
            try NameReport(receipt, isDryRun: false).show(deed, asJSON: json)
        }
    }
}
