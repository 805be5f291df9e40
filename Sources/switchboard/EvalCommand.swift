import ArgumentParser
import Core
import Datasets
import Evaluating
import Foundation
import Node
import SwitchboardClient

struct EvalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval",
        abstract: "Measures accuracy, out-of-scope, calibration and latency on labelled data.",
        discussion: """
            Starts a node of its own in this process, on a temporary folder. Its index is built from --train, the policy is \
            fitted on --valid (and --oos-valid) against that index; then --valid joins the index and --test (and --oos) is \
            measured. Without --valid the policy is fitted on the train data, each utterance without itself. Nothing is \
            ever fitted on test data. Utterances are asked in all verticals of the train data together.

            With --connect a running node does the work, and keeps what it is given; without --train it is then measured as \
            it stands.
            """,
    )

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Labelled utterances that the index is built from.", valueName: "file")
    )
    var train: [String] = []

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Labelled utterances that the policy is fitted on.", valueName: "file")
    )
    var valid: [String] = []

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Labelled utterances that are measured.", valueName: "file")
    )
    var test: [String]

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Out-of-scope utterances that UNKNOWN is fitted on.", valueName: "file")
    )
    var oosValid: [String] = []

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Out-of-scope utterances that are measured.", valueName: "file")
    )
    var oos: [String] = []

    @Option(help: "Format of the files. Default: told from each file.")
    var format: DatasetFormat?

    @Option(help: "Whether the language model is asked: off, auto or always.")
    var llm: LLMOption = LLMOption(value: .off)

    @Option(help: ArgumentHelp("Encoder (GGUF). Default: the one that deploy/setup installed.", valueName: "file"))
    var encoder: String?

    @Option(help: ArgumentHelp("LoRA adapter (GGUF) of the language model.", valueName: "file"))
    var adapter: String?

    @Option(help: "How many exemplars vote.")
    var k = 10

    @Option(help: "Chooses the samples that latency is measured and the policy is fitted on.")
    var seed: UInt64 = 1

    @Flag(help: "Compare with every exemplar instead of walking a graph.")
    var exact = false

    @Flag(help: "One JSON object.")
    var json = false

    @Option(
        help: ArgumentHelp(
            "A running node's gateway, tcp://host:7700, instead of a node of its own.",
            valueName: "address"
        )
    )
    var connect: String?

    @Option(help: ArgumentHelp("That node's updater. Default: the gateway's port + 2.", valueName: "address"))
    var updater: String?

    func run() async throws {
        try await reportingFailures { try await measure() }
    }

    private func measure() async throws {
        guard !train.isEmpty || connect != nil else {
            throw CommandFailure(
                "eval needs --train FILE, or --connect to measure a running node as it stands",
                exitCode: CommandFailure.usage
            )
        }
        let start = ContinuousClock.now
        let data = try read()
        for note in data.notes { Terminal.note("note: \(note)") }
        let settings = settings()
        try settings.validate()
        let bar = ProgressBar()
        let outcome = try await withClient(bar) { client in
            try await EvalRun(client: client, data: data, settings: settings) { bar.show($0) }.run()
        }
        bar.finish()
        for line in outcome.words { Terminal.note("fitted: \(line)") }
        Terminal.note("took \(Int((ContinuousClock.now - start).seconds.rounded())) s")
        if json {
            Terminal.line(try outcome.report.json())
        } else {
            for line in outcome.report.table() { Terminal.line(line) }
        }
    }

    private func read() throws -> EvalData {
        do {
            return try EvalData(
                reading: EvalFiles(
                    train: train,
                    valid: valid,
                    test: test,
                    outOfScopeValid: oosValid,
                    outOfScope: oos,
                    format: format,
                ))
        } catch {
            throw CommandFailure(error.description)
        }
    }

    private func settings() -> EvalSettings {
        let mode: LLMMode =
            switch llm.value {
            case .off: .off
            case .auto: .auto
            case .always: .always
            }
        var settings = EvalSettings(llm: mode, k: k, isExact: exact, seed: seed)
        if settings.asksLLM {
            // Each prompt takes a thread for long; more calls at once would only wait.
            settings.callsInFlight = 4
            settings.latencyCalls = 50
        }
        return settings
    }

    private func withClient(
        _ bar: ProgressBar,
        _ body: (SwitchboardClient) async throws -> EvalOutcome,
    ) async throws -> EvalOutcome {
        if let connect {
            let client = SwitchboardClient(
                .init(gateway: connect, updater: try updater ?? Self.updater(beside: connect))
            )
            do {
                let outcome = try await body(client)
                await client.close()
                return outcome
            } catch {
                await client.close()
                throw error
            }
        }
        bar.show(EvalProgress(.starting, done: 0, of: 1))
        var models = ModelPaths.installed(in: ModelPaths.cache(environment: ProcessInfo.processInfo.environment))
        if let encoder { models.encoder = encoder }
        models.adapter = adapter
        if llm.value == .off {
            models.scorer = nil
        } else if models.scorer == nil {
            throw CommandFailure("--llm \(llm.value.rawValue) needs a language model; deploy/setup installs one")
        }
        return try await TemporaryNode.run(
            models: models,
            computeThreads: ProcessInfo.processInfo.activeProcessorCount,
        ) { client in
            try await body(client)
        }
    }

    /// A node's ports lie side by side: the router's, the workers', the index's.
    private static func updater(beside gateway: String) throws -> String {
        guard let colon = gateway.lastIndex(of: ":"), let port = Int(gateway[gateway.index(after: colon)...]) else {
            throw CommandFailure(
                "where the gateway has no port, name the updater with --updater",
                exitCode: CommandFailure.usage
            )
        }
        return "\(gateway[..<colon]):\(port + 2)"
    }
}

/// How far a long command has come: a line that is redrawn where a person looks, else a line for each stage.
private final class ProgressBar: Sendable {
    private static let width = 30

    func show(_ progress: EvalProgress) {
        guard Terminal.isInteractive else {
            if progress.isComplete || progress.stage == .starting {
                let count = progress.total > 1 ? ": \(progress.total)" : ""
                Terminal.note(progress.stage.rawValue + count)
            }
            return
        }
        let filled = progress.total > 0 ? Self.width * progress.done / progress.total : 0
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: Self.width - filled)
        let stage = progress.stage.rawValue
        let name = stage + String(repeating: " ", count: max(0, 28 - stage.count))
        write("\r\u{1B}[K\(name)[\(bar)] \(progress.done)/\(progress.total)" + (progress.isComplete ? "\n" : ""))
    }

    /// The next words begin on a line of their own.
    func finish() {
        if Terminal.isInteractive { write("\r\u{1B}[K") }
    }

    private func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}
