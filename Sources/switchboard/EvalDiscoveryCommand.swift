import ArgumentParser
import Core
import Datasets
import Discovering
import Evaluating
import Foundation
import Node
import Synchronization

struct EvalDiscoveryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval-discovery",
        abstract: "Measures the discovery of intents on labelled utterances.",
        discussion: """
            Runs discovery in this process on the texts alone, then holds what it found against the labels: NMI, ACC and ARI \
            over every utterance, the share that is in clusters judged good, and how good those are. How many intents there \
            are is found, not told. docs/discovery.md says what each figure means. Files without a label, or not of their format, \
            are wrong usage (exit status 2).

            Beside the run: --gold-k the cut at the number of gold labels, --measure-judge the judge on clusters and mixes \
            whose labels are known, --test what the clusters are worth as an index, --ablate each step of the method.
            """,
    )

    @Argument(help: ArgumentHelp("Labelled utterances.", valueName: "file"))
    var files: [String]

    @Option(help: "Format of the files. Default: told from each file.")
    var format: DatasetFormat?

    @Flag(
        name: .customLong("gold-k"),
        help: "Also measure the cut whose number of clusters is nearest to that of the gold labels."
    )
    var goldCount = false

    @Option(
        help: ArgumentHelp(
            "Encoder (GGUF), or 'words'. Default: the one that deploy/setup installed.",
            valueName: "file"
        )
    )
    var encoder: String?

    @Option(
        help: ArgumentHelp(
            "Language model (GGUF), or 'none'. Default: the one that deploy/setup installed.",
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

    @Option(
        help: ArgumentHelp(
            """
            LoRA adapter (GGUF) that names and judges clusters, or 'none': then --adapter does. Default: \
            models/switchboard-namer.gguf of the cache, where you have put one there.
            """,
            valueName: "file"
        )
    )
    var namer: String?

    @Option(help: ArgumentHelp("The program that tunes.", valueName: "file"))
    var trainCommand = "deploy/train"

    @Option(help: ArgumentHelp("What the judge was fitted to (JSON). Default: what ships.", valueName: "file"))
    var judgeWeights: String?

    @Option(help: "Take so many of the utterances at most, drawn by --seed.")
    var sample: Int?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Labels that are no intents, such as contentonly; coverage is told without them too.",
            valueName: "label"
        )
    )
    var noise: [String] = []

    @Flag(help: "Keep callers' and agents' turns, told apart. Otherwise agents' turns are left out.")
    var roles = false

    @Flag(help: "Also try the judge on clusters of k-means, and on mixes of ten sentences.")
    var measureJudge = false

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Labelled utterances that an index of the clusters judged good is asked.", valueName: "file")
    )
    var test: [String] = []

    @Flag(help: "Also measure each step of the method by itself.")
    var ablate = false

    @Option(
        help: ArgumentHelp("Write each name beside the gold label it is nearest to (tab-separated).", valueName: "file")
    )
    var namesTable: String?

    @Flag(help: "One JSON object.")
    var json = false

    /// Of the run. Its seed draws samples and mixes too, and starts every clustering that is measured beside it.
    @OptionGroup(title: "How it looks") var options: RunOptions

    func validate() throws {
        if let sample, sample < 1 { throw ValidationError("--sample \(sample) leaves nothing to discover") }
    }

    func run() async throws {
        try await reportingFailures { try await measure() }
    }

    private func measure() async throws {
        let start = ContinuousClock.now
        let settings = try settings()
        try settings.validate()
        let models = models()
        try Self.requireModel(of: settings.run.judge, in: models)
        let set = try readSet()
        let test = try readTest()
        let weights = try judgeWeights.map { try JudgeWeights.load(URL(fileURLWithPath: $0)) } ?? .shipped
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("switchboard-tuning-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let program = URL(fileURLWithPath: trainCommand).path
        let tuner: (any VectorTuner)? = options.tune ? CommandTuner(program: program, folder: folder) : nil
        let bar = DiscoveryProgressBar()
        let outcome: DiscoveryEvalRun.Outcome
        do {
            outcome = try await Interrupt.ending {
                try await LocalEngines.with(models, threads: settings.threads) { engines in
                    try await DiscoveryEvalRun(
                        set,
                        engines: engines,
                        settings: settings,
                        weights: weights,
                        tuner: tuner,
                        test: test
                    ) { bar.show($0) }.run()
                }
            }
            bar.clear()
        } catch {
            bar.clear()
            throw error
        }
        for note in outcome.run.notes { Terminal.note("note: \(note)") }
        if let namesTable { try write(outcome.names, to: namesTable) }
        Terminal.note("took \(Figures.time(.now - start))")
        if json {
            Terminal.line(try JSONLine.encode(outcome.report))
        } else {
            for line in outcome.report.table() { Terminal.line(line) }
        }
    }

    /// - Throws: of usage, with what is accepted.
    func settings() throws(CommandFailure) -> DiscoveryEvalSettings {
        var settings = DiscoveryEvalSettings(
            run: try options.settings(),
            threads: ProcessInfo.processInfo.activeProcessorCount
        )
        settings.measuresGoldCount = goldCount
        settings.measuresJudge = measureJudge
        settings.measuresSteps = ablate
        settings.noise = Set(noise)
        return settings
    }

    /// A judge without its model would be measured as what stands in for it: the vectors.
    ///
    /// - Throws: of usage, with what is to be named.
    static func requireModel(of judge: DiscoverySettings.JudgeKind, in models: ModelPaths) throws(CommandFailure) {
        let missing: String
        switch judge {
        case .none, .vectors: return
        case .llm:
            guard models.scorer == nil else { return }
            missing = "a language model, and there is none: name one with --scorer FILE"
        case .scorer, .both:
            guard models.scorer == nil || models.adapter == nil else { return }
            missing =
                "a language model with a trained adapter, and there is none: name one that was trained without the labels that "
                + "are measured with --adapter FILE (and its model with --scorer FILE, where that is not the installed one)"
        }
        throw CommandFailure(
            "--judge \(judge.rawValue) asks \(missing); or take --judge vectors",
            exitCode: CommandFailure.usage
        )
    }

    private func models() -> ModelPaths {
        ModelPaths.installed(in: ModelPaths.cache(environment: Environment.variables))
            .replacing(encoder: encoder, scorer: scorer, adapter: adapter, namer: namer)
    }

    private func readSet() throws -> GoldSet {
        let rows = try read(files, keepsTurns: roles)
        let set = GoldSet(rows, keepsRoles: roles, sample: sample, seed: options.seed)
        guard !set.utterances.isEmpty else {
            throw CommandFailure("the files hold no utterance of a caller", exitCode: CommandFailure.usage)
        }
        guard set.goldCount > 0 else {
            throw CommandFailure(
                "no utterance of the files is labelled, so there is nothing to measure by",
                exitCode: CommandFailure.usage
            )
        }
        return set
    }

    private func readTest() throws -> DiscoveryEvalRun.Test? {
        guard !test.isEmpty else { return nil }
        let set = GoldSet(try read(test, keepsTurns: false))
        let labelled = set.rows.compactMap { row in row.gold.map { (set.utterances[row.utterance].text, $0) } }
        return DiscoveryEvalRun.Test(texts: labelled.map(\.0), gold: labelled.map(\.1))
    }

    /// - Parameter keepsTurns: turns without a label too, since they are clustered with the others.
    private func read(_ names: [String], keepsTurns: Bool) throws -> [LabelledUtterance] {
        do {
            return try names.flatMap { name in
                try DatasetReader.readAll(
                    DatasetLocation(name),
                    format: format,
                    requiresIntent: !keepsTurns,
                    keepsTurns: keepsTurns
                )
            }
        } catch let error as DatasetError {
            throw CommandFailure(
                error.description,
                exitCode: error.code == .invalidArgument ? CommandFailure.usage : CommandFailure.failed
            )
        }
    }

    private func write(_ names: NameTable, to file: String) throws {
        let text = names.lines.joined(separator: "\n") + "\n"
        try ExportFile.write(Data(text.utf8), to: file)
        Terminal.note("the names are in \(file)")
    }
}

/// How far an evaluation of discovery has come, in words and a bar.
private final class DiscoveryProgressBar: Sendable {
    private static let width = 30
    private let line = Mutex(ProgressLine())

    func show(_ progress: DiscoveryEvalProgress) {
        line.withLock { line in
            line.show {
                let bar = Figures.bar(progress.fraction, width: Self.width)
                let note = progress.note.isEmpty ? "" : ": \(progress.note)"
                return "\(progress.stage.rawValue) \(bar)\(note)"
            }
        }
    }

    func clear() {
        line.withLock { $0.clear() }
    }
}
