import ArgumentParser
import Core
import SwitchboardClient

struct IndexUndoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo",
        abstract: "Undoes one change, such as a load, by new records.",
        discussion: """
            The change's id stands in what the command said that made it, and in 'index history'. What later changes \
            touched stays as it is, and is listed. Intents that the change named stay, without exemplars. An undo is a \
            change too and can be undone.
            """,
    )

    @Argument(help: "The change's id.")
    var changeID: String

    @Flag(name: .customLong("dry-run"), help: "Say what would change, and change nothing.")
    var dryRun = false

    @Flag(help: "One JSON object.")
    var json = false

    @OptionGroup var change: ChangeOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let options = try change.options(source: "index undo", at: connection.place())
        let receipt = try await connection.withClient { client in
            try await client.undo(changeID, isDryRun: dryRun, options: options)
        }
        let deed = NameReport.Deed(planned: "undo \(changeID)", done: "undone \(changeID)")
        try NameReport(receipt, isDryRun: dryRun).show(deed, asJSON: json)
        if let note = Self.proposalNote(changeID) { Terminal.note(note) }
    }

    /// What is left to do where the change is that of a proposal; nil: it is not.
    static func proposalNote(_ changeID: String) -> String? {
        guard OwnChange(Array(changeID.utf8)) == .accept else { return nil }
        let operation = changeID.dropFirst(OwnChange.accept.rawValue.count)
        return "the proposal of discovery that was accepted so counts as accepted still: 'switchboard discover undo "
            + "PROPOSAL' takes that back too, and brings its utterances back into the pool (of 'discover list --all "
            + "--json' it is the one with the change_id \(operation))"
    }
}
