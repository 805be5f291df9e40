import ArgumentParser
import Foundation
import SwitchboardClient

/// What all words about an answer say: which answer, and who speaks.
struct FeedbackOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            The answer itself, a line of classify --json; '-' reads stdin. The options below overrule what it says.
            """,
            valueName: "file"
        )
    )
    var reply: String?

    @Option(help: ArgumentHelp("Id of the answer, as classify prints it with --json.", valueName: "id"))
    var replyId: String?

    @Option(help: "What was classified.")
    var text: String?

    @Option(help: "Vertical of the answer. Default: what --reply says, or default.")
    var vertical: String?

    @Option(
        help: ArgumentHelp(
            "The intent that was answered; leave it out where the answer was UNKNOWN.",
            valueName: "path"
        )
    )
    var answered: String?

    @Option(help: "Who says so: caller, agent or analyst.")
    var source: FeedbackSourceOption

    @Option(help: ArgumentHelp("The conversation it belongs to.", valueName: "id"))
    var conversation: String?

    @Option(help: ArgumentHelp("Conversation or person, so that a purge can name it.", valueName: "reference"))
    var origin: String?

    @Flag(help: "One JSON object.")
    var json = false

    @OptionGroup var connection: ConnectionOptions

    private struct Report: Encodable {
        let replaced: Bool
        let feedback: AnswerFeedback
    }

    func validate() throws {
        guard reply != nil || (replyId != nil && text != nil) else {
            throw ValidationError("name the answer by --reply, or by --reply-id and --text")
        }
    }

    /// Sends the word and says so.
    func send(_ verdict: AnswerFeedback.Verdict, right: String?) async throws {
        var word = try word(verdict, answer: try reply.map(Self.answer))
        word.right = right
        let finished = word
        let replaced = try await connection.withClient(asksIndex: false) { try await $0.feedback(finished) }
        if json {
            Terminal.line(try JSONLine.encode(Report(replaced: replaced, feedback: finished)))
        } else {
            Terminal.line(
                "stored: \(source.value.rawValue) says \(verdict.rawValue)"
                    + (replaced ? ", in place of an earlier word of the same source" : "")
            )
        }
    }

    /// The answer's own figures, overruled by what was named.
    func word(_ verdict: AnswerFeedback.Verdict, answer: Classification?) throws -> AnswerFeedback {
        var word: AnswerFeedback
        if let answer {
            word = AnswerFeedback(on: answer, verdict: verdict, source: source.value, vertical: vertical ?? "default")
            if let replyId { word.replyID = replyId }
            if let text { word.text = text }
            if let vertical { word.vertical = vertical }
            if let answered { word.answered = answered }
        } else {
            word = AnswerFeedback(
                replyID: replyId ?? "",
                text: text ?? "",
                vertical: vertical ?? "default",
                answered: answered,
                verdict: verdict,
                source: source.value,
            )
        }
        word.conversationID = conversation
        word.origin = origin
        return word
    }

    /// Reads the answer that `--reply` names.
    private static func answer(_ file: String) throws -> Classification {
        let data: Data?
        if file == "-" {
            data = try? FileHandle.standardInput.readToEnd() ?? Data()
        } else {
            data = FileManager.default.contents(atPath: file)
        }
        guard let data else { throw CommandFailure("\(file) cannot be read", exitCode: CommandFailure.usage) }
        do {
            return try JSONDecoder().decode(Classification.self, from: data)
        } catch {
            throw CommandFailure(
                "\(file == "-" ? "stdin" : file) does not hold one answer of classify --json",
                exitCode: CommandFailure.usage
            )
        }
    }
}

/// `--source caller|agent|analyst`.
struct FeedbackSourceOption: ExpressibleByArgument {
    let value: AnswerFeedback.Source

    init?(argument: String) {
        guard let value = AnswerFeedback.Source(rawValue: argument) else { return nil }
        self.value = value
    }

    static var allValueStrings: [String] { AnswerFeedback.Source.allCases.map(\.rawValue) }
}
