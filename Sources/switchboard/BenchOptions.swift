import ArgumentParser
import Core
import Datasets
import Evaluating
import Foundation
import Node

/// What every benchmark takes, and how it says what it found.
struct BenchOptions: ParsableArguments {
    @Flag(help: "One JSON object a line.")
    var json = false

    @Flag(help: "A moment each and small sizes, to see that it works; the figures mean nothing.")
    var quick = false

    @Option(help: "Compute threads. Default: the cores.")
    var threads: Int?

    @Option(help: "Encoder (GGUF). Default: the one that deploy/setup installed.")
    var encoder: String?

    @Option(help: "Language model (GGUF). Default: the one that deploy/setup installed.")
    var scorer: String?

    @Option(help: ArgumentHelp("LoRA adapter (GGUF) of the language model.", valueName: "file"))
    var adapter: String?

    @Option(
        help: ArgumentHelp(
            "Tokens of what a node asks its language model in one go; 1: each question alone. Default: the node's.",
            valueName: "tokens"
        )
    )
    var llmBatchTokens: Int?

    @Option(help: "Chooses noise, samples and arrivals.")
    var seed: UInt64 = 1

    func validate() throws {
        if let threads, threads < 1 { throw ValidationError("--threads is at least 1") }
        if let llmBatchTokens, llmBatchTokens < 1 { throw ValidationError("--llm-batch-tokens is at least 1") }
    }

    /// Runs a benchmark, until a signal says that it is enough, and prints its reports.
    ///
    /// - Parameter advice: what helps where no node answers.
    func report(
        _ advice: FailureAdvice = .alone,
        _ measure: @escaping @Sendable (BenchSettings) async throws -> [BenchReport],
    ) async throws {
        let settings = settings()
        try await reportingFailures(advice) {
            for report in try await Interrupt.ending({ try await measure(settings) }) {
                if json {
                    Terminal.line(try JSONLine.encode(report))
                } else {
                    for line in report.words() { Terminal.line(line) }
                }
            }
        }
    }

    private func settings() -> BenchSettings {
        let cache = ModelPaths.cache(environment: Environment.variables)
        let models = ModelPaths.installed(in: cache).replacing(encoder: encoder, scorer: scorer, adapter: adapter)
        let isQuiet = quick
        return BenchSettings(
            isQuick: quick,
            models: models,
            cachePath: cache,
            computeThreads: threads ?? ProcessInfo.processInfo.activeProcessorCount,
            languageBatchTokens: llmBatchTokens,
            seed: seed,
            tell: { words in if !isQuiet { Terminal.note(words) } },
        )
    }
}

/// Where a benchmark's utterances come from.
struct BenchDataOptions: ParsableArguments {
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Labelled utterances of your own for the index.", valueName: "file")
    )
    var train: [String] = []

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Utterances to ask. Default: each fifth of --train.", valueName: "file")
    )
    var test: [String] = []

    @Option(help: "Format of the files; guessed where not named.")
    var format: DatasetFormat?

    @Option(help: ArgumentHelp("Folder with the demonstration's set, used without --train.", valueName: "folder"))
    var demoData = "deploy/demo-data"

    /// What `eval` takes: for what a policy has to be fitted for.
    ///
    /// - Parameter valid: utterances to fit the policy on; without any it is fitted on those of the index.
    func evalData(valid: [String]) throws -> EvalData {
        var files = EvalFiles(train: train, valid: valid, test: test, format: format)
        if train.isEmpty {
            files.train = ["orders", "devices"].map { "\(demoData)/\($0).train.jsonl" }
            files.test = ["orders", "devices"].map { "\(demoData)/\($0).test.jsonl" }
            files.format = .jsonl
        } else if test.isEmpty {
            throw CommandFailure("--test FILE has the labelled utterances to ask", exitCode: CommandFailure.usage)
        }
        do {
            return try EvalData(reading: files)
        } catch {
            throw CommandFailure(error.description)
        }
    }

    func corpus() throws -> BenchCorpus {
        do {
            return train.isEmpty
                ? try BenchCorpus(demoFolder: demoData) : try BenchCorpus(train: train, test: test, format: format)
        } catch {
            throw CommandFailure(error.description)
        }
    }
}
