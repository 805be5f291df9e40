import ArgumentParser
import SwitchboardClient
import Wire

struct IndexHistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Lists what was done to the index, newest first: when, by whom, with which change id.",
        discussion: """
            One line an operation. Its last record is where 'index rollback --to' may end; its change is what \
            'index undo' takes.
            """,
    )

    @Option(help: "Only operations that touched this vertical. Default: all.")
    var vertical: String?

    @Option(help: ArgumentHelp("Only operations of this change.", valueName: "id"))
    var change: String?

    @Option(help: ArgumentHelp("Only operations after this record.", valueName: "seq"))
    var after: UInt64 = 0

    @Option(help: "At most so many lines; 0: all.")
    var limit = 20

    @Flag(name: .customLong("oldest-first"), help: "Begin with the oldest.")
    var oldestFirst = false

    @Flag(help: "One JSON object a line.")
    var json = false

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard (0...Int(UInt32.max)).contains(limit) else { throw ValidationError("--limit takes 0 or more lines") }
    }

    func run() async throws {
        var query = SwitchboardClient.HistoryQuery()
        query.vertical = vertical
        query.afterSeq = after
        query.isNewestFirst = !oldestFirst
        query.limit = limit
        query.changeID = change
        let asked = query
        var count = 0
        try await connection.withClient { client in
            try await client.history(asked) { line in
                count += 1
                Terminal.line(json ? try JSONLine.encode(line) : HistoryText.words(line))
            }
        }
        if count == 0 { Terminal.note("nothing of the kind is in the log") }
    }
}

/// A line of history for a person.
enum HistoryText {
    static func words(_ line: HistoryLine) -> String {
        let records = line.firstSeq == line.seq ? "\(line.seq)" : "\(line.firstSeq)-\(line.seq)"
        let counts = line.counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        var text = "\(line.time)  \(records)  \(counts)"
        if !line.verticals.isEmpty { text += "  in \(line.verticals.joined(separator: ", "))" }
        // Whoever may append chooses them.
        text += "  \(line.source.asPrinted)"
        if !line.author.isEmpty { text += " by \(line.author.asPrinted)" }
        return text + "  change \(line.changeID)"
    }
}
