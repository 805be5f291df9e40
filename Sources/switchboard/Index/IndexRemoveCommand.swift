import ArgumentParser
import SwitchboardClient

struct IndexRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Removes one exemplar, by its text or its id.",
        discussion: """
            It counts in no answer any more. Its record stays in the log's history; erasing a person's words for good is \
            'switchboard index purge'.
            """,
    )

    @Argument(help: "The exemplar's text.")
    var text: String?

    @Option(help: ArgumentHelp("The exemplar's id instead: 32 hexadecimal digits.", valueName: "id"))
    var id: String?

    @Option(help: "Its vertical. Default: default.")
    var vertical = "default"

    @Flag(help: "One JSON object.")
    var json = false

    @OptionGroup var change: ChangeOptions
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard (text == nil) != (id == nil) else {
            throw ValidationError("name the exemplar by its text or by --id")
        }
    }

    func run() async throws {
        var options = try change.options(source: "index remove", at: connection.place())
        let changeID = ChangeID.make("remove")
        options.changeID = changeID
        let finished = options
        let receipt = try await connection.withClient { client in
            if let id { return try await client.remove(id: id, vertical: vertical, options: finished) }
            return try await client.remove(text: text ?? "", vertical: vertical, options: finished)
        }
        do {
            try ChangeReport(receipt, changeID: changeID).show("removed", asJSON: json)
        } catch let refusal as CommandFailure {
            throw CommandFailure(
                "\(refusal.message). Which there are: switchboard index export --vertical \(vertical)",
                exitCode: refusal.exitCode
            )
        }
    }
}
