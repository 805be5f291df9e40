import ArgumentParser
import Foundation
import SwitchboardClient

struct ClassifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "classify",
        abstract: "Classifies utterances through a running node.",
        discussion: """
            With '-' as the text, lines are read from stdin and answered one by one, in order. Each line gets its answer: \
            what stands for an empty line or one that is refused is, with --json, {"line":N,"error":"..."}, else a line \
            such as 'line N is empty'. Refused lines make the exit code 1.
            """,
    )

    @Argument(help: "What the caller says; several texts are several utterances.")
    var texts: [String]

    @Option(name: .customLong("vertical"), help: "Search this vertical; may be repeated. Default: all.")
    var verticals: [String] = []

    @Option(help: "Whether the language model is asked: off, auto or always. Default: as the policy says.")
    var llm: LLMOption?

    @Option(help: "Only intents at or below this path; may be repeated. One that no intent has is told on stderr.")
    var within: [String] = []

    @Option(help: "How many retrieved exemplars to show.")
    var evidence = 5

    @Option(help: ArgumentHelp("Wait until the index has this record.", valueName: "seq"))
    var minSeq: UInt64?

    @Option(
        help: ArgumentHelp(
            "The log that --min-seq belongs to, as replies and receipts name it. Default: the updater's.",
            valueName: "id"
        )
    )
    var logId: String?

    @Option(help: "Time for each answer in milliseconds, at least 1.")
    var deadline: Int?

    @Flag(help: "Compare with every exemplar instead of walking a graph.")
    var exact = false

    @Flag(help: "One JSON object a line.")
    var json = false

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if let deadline, deadline < 1 {
            throw ValidationError("--deadline \(deadline) leaves no time to answer; it is at least 1 (milliseconds)")
        }
    }

    func run() async throws {
        var options = SwitchboardClient.ClassifyOptions()
        options.verticals = verticals
        options.llm = llm?.value
        options.within = within
        options.evidence = evidence
        options.minSeq = minSeq
        options.minLogID = logId
        options.exact = exact
        options.deadline = deadline.map { .milliseconds($0) }
        let asked = options
        let needsLog = minSeq != nil && logId == nil
        let failures = try await connection.withClient(asksIndex: needsLog) { client in
            var finished = asked
            if finished.minSeq != nil, finished.minLogID == nil {
                finished.minLogID = try await client.statistics().logID
            }
            await warnOfUnknownPaths(client)
            return texts == ["-"]
                ? try await classifyLines(client, finished) : try await classify(texts, client, finished)
        }
        if failures > 0 { throw CommandFailure("\(failures) of the utterances could not be classified") }
    }

    /// Where the intents cannot be asked for, an answer comes all the same.
    private func warnOfUnknownPaths(_ client: SwitchboardClient) async {
        guard !within.isEmpty else { return }
        var paths = WithinPaths(within)
        guard (try? await client.intents(in: verticals) { paths.note($0.intents) }) != nil else { return }
        if let warning = paths.warning { Terminal.note(warning) }
    }

    private func classify(
        _ texts: [String],
        _ client: SwitchboardClient,
        _ options: SwitchboardClient.ClassifyOptions,
    ) async throws -> Int {
        for (index, text) in texts.enumerated() {
            if index > 0, !json { Terminal.line("") }
            show(try await client.classify(text, options: options))
        }
        return 0
    }

    /// After a line that is refused the next one is taken, since a pipe may be long.
    private func classifyLines(
        _ client: SwitchboardClient,
        _ options: SwitchboardClient.ClassifyOptions,
    ) async throws -> Int {
        var failures = 0
        var number = 0
        var lines = ByteLines()
        while let bytes = try lines.next() {
            number += 1
            guard let line = String(validating: bytes, as: UTF8.self) else {
                failures += 1
                try showUnanswered(.refused(number, "the line is not valid UTF-8; \(RawArguments.advice)"))
                continue
            }
            if line.allSatisfy(\.isWhitespace) {
                try showUnanswered(.empty(number))
                continue
            }
            do {
                show(try await client.classify(line, options: options))
            } catch {
                guard error.status != "UNAVAILABLE" else { throw error }
                failures += 1
                try showUnanswered(.refused(number, error.description))
            }
        }
        return failures
    }

    private func showUnanswered(_ line: UnansweredLine) throws {
        Terminal.line(json ? try JSONLine.encode(line) : line.words)
    }

    private func show(_ classification: Classification) {
        if json, let line = try? JSONLine.encode(classification) {
            Terminal.line(line)
        } else {
            Terminal.line(ClassificationText(classification).text)
        }
    }
}

/// `--llm off|auto|always`.
struct LLMOption: ExpressibleByArgument {
    let value: SwitchboardClient.ClassifyOptions.LLM

    init?(argument: String) {
        guard let value = SwitchboardClient.ClassifyOptions.LLM(rawValue: argument) else { return nil }
        self.value = value
    }

    static var allValueStrings: [String] { SwitchboardClient.ClassifyOptions.LLM.allCases.map(\.rawValue) }
}
