import ArgumentParser
import Core
import Datasets
import Evaluating
import Foundation
import Node
import RemoteEngines
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

            With --tables the same utterances are then put to simpler methods too: a linear classifier over words and one \
            over the encoder's vectors, BM25 and other retrievers, and with --llm the language model with and without \
            retrieval. docs/scoring.md says what each is.
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

    @Option(
        help: """
            Whether the language model is asked: off, auto or always. Default: auto with an adapter, installed or named; \
            else, and with --connect, off.
            """
    )
    var llm: LLMOption?

    @Option(
        help: ArgumentHelp(
            "With --llm auto or always: each utterance comes with so many turns before it in its conversation, at most.",
            valueName: "count"
        )
    )
    var turns = 0

    @Option(
        help: ArgumentHelp(
            "Encoder (GGUF), openai:URL[#MODEL], or 'words'. Default: the one that deploy/setup installed.",
            valueName: "file"
        )
    )
    var encoder: String?

    @Option(
        help: ArgumentHelp(
            "Language model (GGUF), or openai:URL[#MODEL]. Default: the one that deploy/setup installed.",
            valueName: "file"
        )
    )
    var scorer: String?

    @Option(
        help: ArgumentHelp(
            "LoRA adapter (GGUF) of the language model, or 'none'. Default: the one that deploy/setup installed.",
            valueName: "file"
        )
    )
    var adapter: String?

    @Option(help: "How many exemplars vote.")
    var k = 10

    @Option(
        help: ArgumentHelp(
            "Also measure simpler methods, and write tables (CSV) and figures (SVG) into this folder.",
            valueName: "folder"
        )
    )
    var tables: String?

    @Option(help: "Test utterances that the tables' rows of the language model are measured on.")
    var sample = 200

    @Option(
        help: ArgumentHelp(
            "Learn at most so many train utterances of each intent, drawn by --seed; --valid then does not join the index.",
            valueName: "count"
        )
    )
    var perIntent: Int?

    @Option(
        help: ArgumentHelp(
            """
            Hold out this share of the intents, drawn by --seed: they are not learnt, and their test utterances count as \
            out of scope. Without --oos-valid UNKNOWN is then fitted by treating known intents as unknown in turn.
            """,
            valueName: "share"
        )
    )
    var heldOut: Double?

    @Option(help: "Chooses the samples that latency is measured and the policy is fitted on.")
    var seed: UInt64 = 1

    @Flag(help: "Compare with every exemplar instead of walking a graph.")
    var exact = false

    @Flag(help: "One JSON object.")
    var json = false

    @Option(
        help: ArgumentHelp(
            """
            A running node's gateway, tcp://host:7700, instead of a node of its own. Several, given again or with \
            commas, are asked in turn.
            """,
            valueName: "address"
        )
    )
    var connect: [String] = []

    @Option(
        help: ArgumentHelp(
            "That node's index updater ($SWITCHBOARD_UPDATER; default: the first gateway's port + 2).",
            valueName: "address"
        )
    )
    var updater: String?

    func validate() throws {
        guard (0...Self.mostTurns).contains(turns) else {
            throw ValidationError("--turns is 0 to \(Self.mostTurns)")
        }
        guard turns == 0 || llmMode != .off else {
            throw ValidationError("--turns goes with --llm auto or always: turns stand in the language model's prompt")
        }
        if let perIntent, perIntent < 1 { throw ValidationError("--per-intent \(perIntent) leaves the index empty") }
        if let heldOut, !(heldOut > 0 && heldOut < 1) {
            throw ValidationError("--held-out is a share, more than 0 and less than 1, such as 0.33")
        }
        if heldOut != nil, train.isEmpty {
            throw ValidationError("--held-out needs --train, whose intents it holds out")
        }
        if sample < 1 { throw ValidationError("--sample \(sample) leaves the language model nothing to answer") }
        if tables != nil, train.isEmpty {
            throw ValidationError("--tables needs --train, which the methods beside the product learn from")
        }
    }

    /// A prompt has room for far fewer.
    private static let mostTurns = 100

    func run() async throws {
        try await reportingFailures(connect.isEmpty ? .alone : .asking) { try await measure() }
    }

    private func measure() async throws {
        let start = ContinuousClock.now
        let place = try place()
        let settings = settings()
        try settings.validate()
        if let tables { try EvalTables.prepare(tables) }
        let data = try read()
        for note in data.notes { Terminal.note("note: \(note)") }
        let bar = EvalProgressBar()
        let measured: Measured
        do {
            measured = try await Interrupt.ending { [tables, sample] in
                try await place.withClient { client -> Measured in
                    let outcome = try await EvalRun(client: client, data: data, settings: settings) { bar.show($0) }
                        .run()
                    guard tables != nil else { return Measured(outcome: outcome) }
                    let run = TablesRun(
                        client: client,
                        data: data,
                        settings: settings,
                        tables: TablesSettings(sample: sample, linear: .init(seed: settings.seed)),
                        evaluation: outcome,
                    ) { bar.show($0) }
                    return Measured(outcome: outcome, tables: try await run.run())
                }
            }
            bar.clear()
        } catch {
            bar.clear()
            throw error
        }
        for line in measured.outcome.words { Terminal.note("fitted: \(line)") }
        Terminal.note("took \(Figures.time(.now - start))")
        try tell(measured)
    }

    /// What a run hands back.
    private struct Measured: Sendable {
        var outcome: EvalOutcome
        /// Nil: none were asked for.
        var tables: EvalTables?
    }

    private func tell(_ measured: Measured) throws {
        var report = measured.outcome.report
        report.tables = measured.tables?.objects
        if json {
            Terminal.line(try JSONLine.encode(report))
        } else {
            for line in report.table() { Terminal.line(line) }
        }
        guard let folder = tables, let made = measured.tables else { return }
        try made.write(to: folder)
        // With --json stdout holds one object and nothing else.
        for line in [""] + made.lines {
            if json { Terminal.note(line) } else { Terminal.line(line) }
        }
        Terminal.note("tables and figures are in \(folder)")
    }

    private func read() throws -> EvalData {
        var data: EvalData
        do {
            data = try EvalData(
                reading: EvalFiles(
                    train: train,
                    valid: valid,
                    test: test,
                    outOfScopeValid: oosValid,
                    outOfScope: oos,
                    format: format,
                    turns: turns,
                )
            )
        } catch {
            throw CommandFailure(error.description)
        }
        if let heldOut { data = try data.holdingOut(heldOut, seed: seed) }
        guard let perIntent else { return data }
        return data.drawing(perIntent: perIntent, seed: seed)
    }

    private var llmMode: LLMMode {
        switch llm?.value {
        case .off: .off
        case .auto: .auto
        case .always: .always
        case nil: connect.isEmpty && models.adapter != nil ? .auto : .off
        }
    }

    private var models: ModelPaths {
        ModelPaths.installed(in: ModelPaths.cache(environment: Environment.variables))
            .replacing(encoder: encoder, scorer: scorer, adapter: adapter)
    }

    private func settings() -> EvalSettings {
        var settings = EvalSettings(
            llm: llmMode,
            k: k,
            isExact: exact,
            learnsValid: perIntent == nil,
            leavesIntentsOut: heldOut != nil,
            seed: seed,
        )
        if settings.asksLLM {
            // What waits for the language model is not to keep its answer waiting past its time.
            settings.callsInFlight = 4
            settings.latencyCalls = 50
        }
        return settings
    }

    private func place() throws -> EvalPlace {
        if !connect.isEmpty {
            return .running(try NodePlace(connect: connect, updater: updater).addresses())
        }
        guard !train.isEmpty else {
            throw CommandFailure(
                "eval needs --train FILE, or --connect to measure a running node as it stands",
                exitCode: CommandFailure.usage
            )
        }
        var models = models
        models.engineKey = EngineKey(environment: Environment.variables)
        if llmMode == .off {
            models.scorer = nil
        } else if models.scorer == nil {
            throw CommandFailure("--llm \(llmMode.rawValue) needs a language model; deploy/setup installs one")
        }
        return .ownNode(models)
    }
}

/// Which node does the work of an evaluation.
private enum EvalPlace: Sendable {
    case ownNode(ModelPaths)
    case running(SwitchboardClient.Addresses)

    func withClient<Product>(_ body: (SwitchboardClient) async throws -> Product) async throws -> Product {
        switch self {
        case .ownNode(let models):
            return try await TemporaryNode.run(
                models: models,
                computeThreads: ProcessInfo.processInfo.activeProcessorCount,
                body
            )
        case .running(let addresses):
            return try await SwitchboardClient.with(addresses, refused: Terminal.noteRefusal, body)
        }
    }
}
