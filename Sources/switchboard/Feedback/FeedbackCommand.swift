import ArgumentParser
import SwitchboardClient

/// What people say about answers.
struct FeedbackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "feedback",
        abstract: "Says whether an answer was right, and shows what was said so far.",
        discussion: """
            The latest word of each source on a reply counts; of several sources an analyst's before an agent's before \
            the caller's.

            The answer may come straight from classify:
              switchboard classify --json "where is my parcel" \\
                | switchboard feedback confirm --reply - --source agent
            """,
        subcommands: [
            FeedbackConfirmCommand.self, FeedbackCorrectCommand.self, FeedbackRejectCommand.self,
            FeedbackExportCommand.self,
        ],
    )
}

struct FeedbackConfirmCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "confirm", abstract: "The answer was right.")

    @OptionGroup var options: FeedbackOptions

    func run() async throws {
        try await options.send(.confirmed, right: nil)
    }
}

struct FeedbackCorrectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "correct",
        abstract: "The answer was wrong, and this is the right intent."
    )

    @Option(help: ArgumentHelp("What the caller wanted, levels joined by '/'.", valueName: "path"))
    var right: String

    @OptionGroup var options: FeedbackOptions

    func run() async throws {
        try await options.send(.corrected, right: right)
    }
}

struct FeedbackRejectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reject",
        abstract: "The answer was wrong; what the caller wanted is not said."
    )

    @OptionGroup var options: FeedbackOptions

    func run() async throws {
        try await options.send(.rejected, right: nil)
    }
}

struct FeedbackExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes everything that was said as jsonl, one word a line, in the order in which it came.",
        discussion: """
            With --pairs it writes labelled utterances instead, as index load, eval and deploy/train read them: what was \
            confirmed or corrected, by the word that counts on each reply. To stdout where no file is named; a file is \
            written whole or not at all.
            """,
    )

    @Argument(help: "Where to write.")
    var file: String?

    @Flag(help: "Write utterances with their right intents.")
    var pairs = false

    @Flag(help: "Say at the end, as one JSON object, what was written; needs a file.")
    var json = false

    @OptionGroup var connection: ConnectionOptions

    private struct Report: Encodable {
        let file: String
        let words: Int
        let lines: Int
        let bytes: Int
    }

    func validate() throws {
        guard !json || file != nil else { throw ValidationError("--json needs a file; stdout has the words, as JSON") }
    }

    func run() async throws {
        let output = try ExportFile(file)
        do {
            let (words, lines) = try await connection.withClient { try await write($0, to: output) }
            try output.keep()
            if json {
                let report = Report(file: file ?? "-", words: words, lines: lines, bytes: output.bytes)
                Terminal.line(try JSONLine.encode(report))
            } else if let file {
                Terminal.note("\(Figures.count(lines, "line")) of \(Figures.count(words, "word")) written to \(file)")
            }
        } catch {
            output.discard()
            throw error
        }
    }

    /// - Returns: how many words were said, and how many lines were written of them.
    private func write(_ client: SwitchboardClient, to output: ExportFile) async throws -> (words: Int, lines: Int) {
        var words = 0
        guard pairs else {
            try await client.listFeedback { word in
                try output.write(try JSONLine.encode(word) + "\n")
                words += 1
            }
            return (words, words)
        }
        var found = FeedbackPairs()
        try await client.listFeedback { word in
            found.add(word)
            words += 1
        }
        let lines = try found.lines()
        for line in lines { try output.write(line + "\n") }
        return (words, lines.count)
    }
}
