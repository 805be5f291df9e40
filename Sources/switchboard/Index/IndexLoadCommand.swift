import ArgumentParser
import Core
import Datasets
import Foundation
import SwitchboardClient

struct IndexLoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Streams labelled utterances from a file into a running node.",
        discussion: """
            The node makes the vectors, answers callers meanwhile, and knows each batch as soon as it is in. What is in \
            already stays as it is, so loading a file again does no harm.

            A row that is wrong ends the load after all before it is in; the message says how to go on. --dry-run changes \
            nothing and shows what the load would do: what would be added, re-labelled and created, texts with two \
            labels, and near-duplicates (cosine 0.95 and above) under another intent.
            """,
    )

    @OptionGroup var pairs: PairFileOptions

    @Option(
        help: ArgumentHelp(
            """
            What happens to a text that the index has with another intent: relabel it, keep the old intent, or reject \
            the pair. Default: relabel.
            """,
            valueName: "rule"
        )
    )
    var onConflict = ConflictOption(.relabel)

    @Flag(help: "Refuse pairs whose intent the index does not know.")
    var noCreateIntents = false

    @Flag(help: "Show what would happen, and change nothing.")
    var dryRun = false

    @Flag(help: "One JSON object; of a dry run one for each finding, and a summary.")
    var json = false

    @OptionGroup var change: ChangeOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let source = try pairs.source()
        try source.requireFirstLine()
        var options = try change.options(source: "index load", at: connection.place())
        options.onConflict = onConflict.value
        options.createsIntents = !noCreateIntents
        if dryRun {
            try await rehearse(source, options)
        } else {
            options.changeID = ChangeID.make("load")
            try await load(source, options)
        }
    }

    private func load(_ source: PairSource, _ options: PublishOptions) async throws {
        let connection = connection
        let run = LoadRun(
            source: source,
            options: options,
            advice: ResumeAdvice(arguments: CommandLine.arguments),
            failureAdvice: try connection.place().advice
        )
        let (report, failure) = try await connection.withClient { client in
            try await reportingDatasetErrors {
                try await Interrupt.around { interrupt in try await run.run(client, interrupt) }
            }
        }
        if json {
            Terminal.line(try JSONLine.encode(report))
        } else if report.pairs > 0 || failure == nil {
            Terminal.line(report.words)
        }
        if let failure { throw failure }
        if report.refused > 0 {
            throw CommandFailure("\(Figures.count(report.refused, "pair was", "pairs were")) refused")
        }
    }

    private func rehearse(_ source: PairSource, _ options: PublishOptions) async throws {
        let isJSON = json
        let badRows = try await connection.withClient { client in
            try await reportingDatasetErrors {
                try await Interrupt.around(cancelsAt: 1) { _ in
                    try await DryRun(source: source, options: options, isJSON: isJSON).run(client)
                }
            }
        }
        if badRows > 0 {
            throw CommandFailure("\(Figures.count(badRows, "row is", "rows are")) wrong; a load would end at the first")
        }
    }
}

/// Turns what is wrong with a file as such into a failure of the command.
func reportingDatasetErrors<Result>(_ body: () async throws -> Result) async throws -> Result {
    do {
        return try await body()
    } catch let error as DatasetError {
        throw CommandFailure("\(error)")
    } catch is CancellationError {
        throw CommandFailure("interrupted; nothing was changed")
    } catch let error as SwitchboardError {
        // A call that was under way when the task was cancelled ends with this status.
        guard error.code == .cancelled, Task.isCancelled else { throw error }
        throw CommandFailure("interrupted; nothing was changed")
    }
}
