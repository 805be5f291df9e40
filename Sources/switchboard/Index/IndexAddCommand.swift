import ArgumentParser
import SwitchboardClient

struct IndexAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Adds one pair, or re-labels a text that is there.",
        discussion: "Returns when every replica knows it: the next classification may be decided by it.",
    )

    @Argument(help: "What a caller says.")
    var text: String

    @Option(help: ArgumentHelp("The intent it stands for, levels joined by '/'.", valueName: "path"))
    var intent: String

    @Option(help: "Its vertical. Default: default.")
    var vertical = "default"

    @Option(
        help: ArgumentHelp("Conversation or person it comes from, so that a purge can name it.", valueName: "reference")
    )
    var origin: String?

    @Option(help: ArgumentHelp("What happens where the index has it with another intent.", valueName: "rule"))
    var onConflict = ConflictOption(.relabel)

    @Flag(help: "Refuse an intent that the index does not know.")
    var noCreateIntents = false

    @Flag(help: "One JSON object.")
    var json = false

    @OptionGroup var change: ChangeOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        var options = try change.options(source: "index add", at: connection.place())
        options.onConflict = onConflict.value
        options.createsIntents = !noCreateIntents
        let changeID = ChangeID.make("add")
        options.changeID = changeID
        let finished = options
        let (receipt, kept) = try await connection.withClient { client -> (PublishReceipt, String?) in
            let exemplar = try Exemplar(text: text, intent: intent, vertical: vertical, origin: origin)
            let receipt = try await client.add(exemplar, options: finished)
            guard finished.onConflict == .keep, receipt.unchanged > 0 else { return (receipt, nil) }
            // A refusal names the intent that the text has, and changes as little as keeping does.
            var asking = finished
            asking.onConflict = .reject
            asking.changeID = ChangeID.make("add")
            return (receipt, try await client.add(exemplar, options: asking).refusals.first?.reason)
        }
        let what =
            receipt.added > 0
            ? "added to \(intent)"
            : receipt.relabelled > 0
                ? "re-labelled as \(intent)" : "nothing changed; \(kept ?? "the text has that intent already")"
        try ChangeReport(receipt, changeID: changeID).show(what, asJSON: json)
    }
}
