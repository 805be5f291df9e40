import ArgumentParser
import Core
import Datasets
import Evaluating
import Foundation
import Node
import SwitchboardClient

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Shows the live loop: labelled utterances stream into the index while callers ask.",
        discussion: """
            Starts a node of its own on a temporary folder. The demonstration's own set is a retail call center of two \
            verticals; --data shows the same on a file of yours, of which a fifth is kept for asking and one intent is \
            held back to come in last.

            With --discover nobody teaches the intent that is held back: its callers end in UNKNOWN, their calls gather in the \
            pool, a run proposes the intent with a name, it is accepted, and the next of these callers is routed.
            """,
    )

    @Option(help: ArgumentHelp("Your own labelled utterances.", valueName: "file"))
    var data: String?

    @Option(help: "Format of --data; guessed where not named.")
    var format: DatasetFormat?

    @Option(help: ArgumentHelp("Folder with the demonstration's own set.", valueName: "folder"))
    var demoData = "deploy/demo-data"

    @Option(help: "How many pairs a second are streamed.")
    var rate = 50.0

    @Option(help: "Seed of the order.")
    var seed: UInt64 = 1

    @Flag(help: "Show how an intent that nobody has taught is discovered.")
    var discover = false

    @Option(
        name: .customLong("intent"),
        help: ArgumentHelp("With --discover: the intent that is held back. Default: one that suits.", valueName: "path")
    )
    var heldIntent: String?

    func run() async throws {
        guard heldIntent == nil || discover else {
            throw CommandFailure("--intent goes with --discover", exitCode: CommandFailure.usage)
        }
        guard rate > 0, rate.isFinite else {
            throw CommandFailure(
                "--rate \(rate) streams nothing; it is pairs a second, more than 0, such as 50",
                exitCode: CommandFailure.usage
            )
        }
        let story: DemoData
        do {
            if let data {
                story = try DemoData(file: data, format: format, seed: seed)
            } else {
                story = try DemoData(folder: demoData, seed: seed)
            }
        } catch {
            throw CommandFailure(error.description)
        }
        let pairsPerSecond = rate
        if discover { return try await reportingFailures { try await showDiscovery(of: story) } }
        try await reportingFailures {
            try await Interrupt.ending { try await Self.show(story, pairsPerSecond: pairsPerSecond) }
        }
    }

    private static func show(_ story: DemoData, pairsPerSecond: Double) async throws {
        Terminal.note("starting a node on a temporary folder")
        var models = ModelPaths.installed(in: ModelPaths.cache(environment: Environment.variables))
        models.scorer = nil
        try await TemporaryNode.run(
            models: models,
            computeThreads: ProcessInfo.processInfo.activeProcessorCount
        ) { client in
            try await tell(DemoRun(data: story, client: client, pairsPerSecond: pairsPerSecond))
        }
    }

    private static func tell(_ run: DemoRun) async throws {
        Terminal.line(Terminal.bold("Pairs stream in; callers ask at the same time."))
        let screen = DemoScreen()
        do {
            try await run.stream { screen.show($0) }
            screen.finish()
        } catch {
            screen.finish()
            throw error
        }
        let ending = try await run.ending()
        var line = String(
            format: "All pairs are in: %.1f %% of %d utterances that were never streamed are answered right",
            100 * ending.accuracy,
            ending.asked
        )
        if let refused = ending.refused {
            line += String(format: ", %.0f %% of those that nobody can help with are refused", 100 * refused)
        }
        Terminal.line(Terminal.bold(line))
        Terminal.line("\nNow an intent that nobody knew. Before its pairs are in:")
        let before = try await run.askForNewIntent()
        for (answer, _) in before.prefix(1) { Terminal.line(ClassificationText(answer).text) }
        Terminal.line("  \(before.count { $0.isRight }) of \(before.count) such questions are answered right")
        let time = try await run.learnNewIntent()
        let after = try await run.askForNewIntent()
        Terminal.line(
            String(
                format: "\nIts pairs were streamed and applied in %.0f ms. The same questions now:",
                time.milliseconds
            )
        )
        for (answer, _) in after.prefix(2) { Terminal.line(ClassificationText(answer).text) }
        Terminal.line("  \(after.count { $0.isRight }) of \(after.count) such questions are answered right")
        let program = ShellCommand.quoted(CommandLine.arguments[0])
        Terminal.line(
            "\nTry next: \(program) node &, then \(program) index load FILE and \(program) classify \"...\"; "
                + "your own data in this demonstration: deploy/demo --data FILE"
        )
    }
}

extension DatasetFormat: ExpressibleByArgument {}
