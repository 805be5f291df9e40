import ArgumentParser
import Core
import Datasets
import Discovering
import Evaluating
import Foundation
import Node
import Synchronization

struct JudgeFitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "judge-fit",
        abstract: "Fits the judges of discovered clusters to labelled utterances.",
        discussion: """
            Each file is a pool by itself: its utterances are cut by k-means and by Leiden into clusters of several sizes, and \
            drawn into mixes of ten sentences; the labels say which are good. What is fitted goes to --out as JSON, which is \
            what ships as deploy/models/switchboard-judge.json. A file's figures are by a fit to the other files, those of \
            --test files by the fit to all. docs/discovery.md tells what a judge is.
            """,
        shouldDisplay: false,
    )

    @Argument(help: ArgumentHelp("Labelled utterances.", valueName: "file"))
    var files: [String]

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Labelled utterances that nothing is fitted to.", valueName: "file")
    )
    var test: [String] = []

    @Option(help: "Format of the files. Default: told from each file.")
    var format: DatasetFormat?

    @Option(help: ArgumentHelp("Where the weights go.", valueName: "file"))
    var out: String

    @Option(help: ArgumentHelp("Weights whose parts stay where nothing new is fitted.", valueName: "file"))
    var base: String?

    @Option(help: "At most so many utterances of a file.")
    var limit = 6_000

    @Option(help: "Clusters of a file that the scorer is asked about; 0 leaves its fits as they are.")
    var scored = 0

    @Flag(help: "Fit to vectors that are tuned to each file's own text as well (PyTorch; some minutes a file).")
    var tune = false

    @Option(help: ArgumentHelp("The program that tunes.", valueName: "file"))
    var trainCommand = "deploy/train"

    @Option(help: ArgumentHelp("Encoder (GGUF). Default: the one that deploy/setup installed.", valueName: "file"))
    var encoder: String?

    @Option(
        help: ArgumentHelp("Language model (GGUF). Default: the one that deploy/setup installed.", valueName: "file")
    )
    var scorer: String?

    @Option(help: ArgumentHelp("Its adapter (GGUF). Default: the one that deploy/setup installed.", valueName: "file"))
    var adapter: String?

    @Option(help: "Draws utterances and mixes, and starts every clustering.")
    var seed: UInt64 = 1

    func validate() throws {
        if limit < 100 { throw ValidationError("--limit \(limit) leaves too little to cut; 100 or more is accepted") }
        if scored < 0 { throw ValidationError("--scored \(scored) is no number of clusters") }
    }

    func run() async throws {
        try await reportingFailures { try await fit() }
    }

    private func fit() async throws {
        var models = ModelPaths.installed(in: ModelPaths.cache(environment: Environment.variables))
            .replacing(encoder: encoder, scorer: scorer, adapter: adapter)
        if scored == 0 { models.scorer = nil }
        let base = try base.map { try JudgeWeights.load(URL(fileURLWithPath: $0)) } ?? .shipped
        let learnt = try files.map { ($0, try read($0)) }
        let kept = try test.map { ($0, try read($0)) }
        var settings = JudgeFitRun.Settings()
        settings.run.seed = seed
        settings.threads = ProcessInfo.processInfo.activeProcessorCount
        settings.scored = scored
        let (chosen, paths, limit) = (settings, models, limit)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("switchboard-judge-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let program = tune ? trainCommand : nil
        let line = Mutex(ProgressLine())
        let outcome = try await Interrupt.ending {
            try await LocalEngines.with(paths, threads: chosen.threads) { engines in
                func pools(_ sets: [(String, [EvalUtterance])]) async throws -> [JudgePool] {
                    var pools: [JudgePool] = []
                    for (name, utterances) in sets {
                        // A folder each: the program may go on with files that it finds there.
                        let tuner = program.map {
                            CommandTuner(program: $0, folder: folder.appendingPathComponent("\(UUID())").path)
                        }
                        line.withLock { $0.show { "\(name): encoding" } }
                        pools.append(
                            try await JudgePool.make(
                                name: URL(fileURLWithPath: name).lastPathComponent,
                                of: utterances,
                                limit: limit,
                                seed: chosen.run.seed,
                                engines: engines,
                                tuner: tuner
                            )
                        )
                    }
                    return pools
                }
                return try await JudgeFitRun(settings: chosen, engines: engines) { words in
                    line.withLock { $0.show { words } }
                }.run(pools: pools(learnt), test: pools(kept), base: base)
            }
        }
        line.withLock { $0.clear() }
        try ExportFile.write(try outcome.weights.written(), to: out)
        for row in outcome.rows { Terminal.line(words(of: row)) }
    }

    private func words(of row: JudgeFitRun.Row) -> String {
        let figures = row.figures
        let vectors = row.isTuned ? "tuned" : "published"
        let auroc = figures.auroc.map { String(format: "%.3f", $0) } ?? "-"
        return
            "\(row.judge), \(vectors) vectors, \(row.pool)\(row.isTest ? " (test)" : ""): \(figures.clusters) clusters, "
            + String(format: "%.0f %% good, AUROC ", 100 * figures.good) + auroc
            + String(format: ", %.1f %% right, ECE %.1f", 100 * figures.accuracy, 100 * figures.ece)
    }

    private func read(_ file: String) throws -> [EvalUtterance] {
        do {
            return try EvalData(reading: EvalFiles(train: [file], test: [], format: format)).train
        } catch {
            throw CommandFailure(error.description)
        }
    }
}
