import ArgumentParser
import SwitchboardClient

struct IndexMergeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Makes an intent, with what lies below it, part of another one.",
        discussion: """
            Its exemplars count for the other one from the next answer on, and its id stands for that one; no vector \
            moves. What lies below it goes to the same place below the other one, and is merged where an intent stands \
            there. Description, phrase, attributes and whether callers are sent there are the other one's. The old path \
            is free again. 'index undo' takes it back.

            It shows what would change and asks, unless --yes is said.

              switchboard index merge orders/delayed orders/late
            """,
    )

    @Argument(help: "The intent that goes, levels joined by '/'.")
    var path: String

    @Argument(help: "The intent that it becomes part of.")
    var target: String

    @Option(help: "Their vertical. Default: default.")
    var vertical = "default"

    @Flag(help: "One JSON object.")
    var json = false

    @OptionGroup var consent: Consent
    @OptionGroup var change: ChangeOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let options = try change.options(source: "index merge", at: connection.place())
        let deed = NameReport.Deed(
            planned: "merge \(path) into \(target)",
            done: "merged \(path) into \(target)"
        )
        try await connection.withClient { client in
            if !consent.yes {
                let receipt = try await client.merge(
                    path,
                    into: target,
                    vertical: vertical,
                    isDryRun: true,
                    options: options
                )
                let report = NameReport(receipt, isDryRun: true)
                if consent.dryRun { return try report.show(deed, asJSON: json) }
                Terminal.note(report.words(deed))
                try consent.ask()
            }
            let receipt = try await client.merge(path, into: target, vertical: vertical, options: options)
            try NameReport(receipt, isDryRun: false).show(deed, asJSON: json)
        }
    }
}
