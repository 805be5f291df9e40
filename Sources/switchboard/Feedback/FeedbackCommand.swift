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
            confirmed or corrected, by the word that counts on each reply.
            """,
    )

    @Flag(help: "Write utterances with their right intents.")
    var pairs = false

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await connection.withClient { client in
            guard pairs else {
                return try await client.listFeedback { word in Terminal.line(try JSONLine.encode(word)) }
            }
            var found = FeedbackPairs()
            try await client.listFeedback { word in found.add(word) }
            for line in try found.lines() { Terminal.line(line) }
        }
    }
}
