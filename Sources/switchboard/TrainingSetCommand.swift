import ArgumentParser
import Core
import Datasets
import Evaluating
import Foundation
import Models
import Node
import Synchronization

struct TrainingSetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "training-set",
        abstract: "Makes examples of labelled utterances that deploy/train trains an adapter on.",
        discussion: """
            Starts a node of its own in this process, on a temporary folder, and asks it each utterance without itself. \
            Where the evidence is not sure without the language model, what that would be asked becomes an example: one \
            JSON object a line with the prompt and the candidates as tokens. With --for encoder each utterance is one, its \
            tokens with its intent; with --for namer some utterances of one intent are one, with its name. \
            docs/training.md tells what for.
            """,
    )

    @Argument(help: ArgumentHelp("Labelled utterances.", valueName: "file"))
    var files: [String]

    /// What is to be trained.
    enum Trained: String, ExpressibleByArgument, CaseIterable {
        case scorer, encoder, namer
    }

    @Option(name: .customLong("for"), help: "What is to be trained.")
    var trained = Trained.scorer

    @Option(help: "Format of the files. Default: told from each file.")
    var format: DatasetFormat?

    @Option(help: ArgumentHelp("Where the examples go, whole or not at all. Default: stdout.", valueName: "file"))
    var out: String?

    @Option(help: "At most so many examples.")
    var limit = Int.max

    @Option(help: "Exemplars an intent in the index; the others only ask. Default: all, and none sees itself.")
    var perIntent: Int?

    @Option(help: "Leave out where the leader has a larger share than this without the language model.")
    var sureness = 0.99

    @Flag(help: "Name intents as given and show five candidates with two exemplars each, as a node does.")
    var plain = false

    @Option(help: "So many examples come with the language model's own scores, to compare with.")
    var scored = 8

    @Option(
        help: "Show up to so many turns before an utterance in its conversation, of each a number that the seed draws."
    )
    var turns = 0

    @Flag(help: "The language model's own scores are those of prompts whose pairs stand apart.")
    var linesApart = false

    @Option(help: ArgumentHelp("Encoder (GGUF). Default: the one that deploy/setup installed.", valueName: "file"))
    var encoder: String?

    @Option(
        help: ArgumentHelp("Language model (GGUF). Default: the one that deploy/setup installed.", valueName: "file")
    )
    var scorer: String?

    @Option(help: "Draws utterances, numbers of candidates and names.")
    var seed: UInt64 = 1

    @Flag(help: "Say at the end, as one JSON object, what was made; needs --out.")
    var json = false

    /// What was made; what does not go with what is to be trained is absent.
    struct Report: Encodable, Equatable {
        let file: String
        let trained: String
        let examples: Int
        var utterances: Int?
        /// Of these, sure without the language model.
        var sure: Int?
        /// Of these, with their intent outside the candidates.
        var missed: Int?
        var intents: Int?

        enum CodingKeys: String, CodingKey {
            case file
            case trained = "for"
            case examples, utterances, sure, missed, intents
        }
    }

    func validate() throws {
        guard !json || out != nil else { throw ValidationError("--json needs --out; stdout has the examples, as JSON") }
        if let perIntent, perIntent < 1 { throw ValidationError("--per-intent \(perIntent) leaves the index empty") }
        if limit < 1 { throw ValidationError("--limit \(limit) makes no example") }
        guard (0...Self.mostTurns).contains(turns) else {
            throw ValidationError("--turns is 0 to \(Self.mostTurns)")
        }
        guard turns == 0 || trained == .scorer else {
            throw ValidationError("--turns goes with --for scorer: turns stand in its prompt")
        }
    }

    func run() async throws {
        try await reportingFailures { try await make() }
    }

    private func make() async throws {
        var models = ModelPaths.installed(in: ModelPaths.cache(environment: Environment.variables))
            .replacing(encoder: encoder, scorer: scorer, adapter: "none")
        if trained == .encoder { return try await tokenise(with: models) }
        guard let scorerPath = models.scorer else {
            throw CommandFailure("there is no language model; deploy/setup installs one")
        }
        if trained == .namer { return try await name(with: scorerPath) }
        // The node itself retrieves only.
        models.scorer = nil
        let retrieving = models
        let linesApart = linesApart
        let utterances = try read()
        let settings = settings()
        let line = Mutex(ProgressLine())
        let encoder = JSONEncoder()
        let output = try ExportFile(out)
        let tally: TrainingSet.Tally
        do {
            tally = try await Interrupt.ending {
                try await TemporaryNode.run(
                    models: retrieving,
                    computeThreads: ProcessInfo.processInfo.activeProcessorCount
                ) { client in
                    let model = try ScorerModel(
                        path: scorerPath,
                        settings: ScorerSettings(form: linesApart ? .apart : .joined),
                        backend: LlamaBackend { _, _ in }
                    )
                    return try await TrainingSet(client: client, settings: settings, scorer: model).make(
                        of: utterances
                    ) { stage, done, total in
                        line.withLock { $0.show { "\(stage) \(done.grouped) of \(total.grouped)" } }
                    } write: { example in
                        try output.write(encoder.encode(example) + Data("\n".utf8))
                    }
                }
            }
            try output.keep()
        } catch {
            output.discard()
            throw error
        }
        line.withLock { $0.clear() }
        try tell(
            "\(tally.examples.grouped) examples of \(tally.asked.grouped) utterances; \(tally.sure.grouped) were sure "
                + "without the language model, \(tally.missed.grouped) had their intent outside the candidates",
            examples: tally.examples
        ) { report in
            report.utterances = tally.asked
            report.sure = tally.sure
            report.missed = tally.missed
        }
    }

    /// Says what was made, in words or as JSON.
    private func tell(_ words: String, examples: Int, _ complete: (inout Report) -> Void = { _ in }) throws {
        guard json, let out else { return Terminal.note(words) }
        var report = Report(file: out, trained: trained.rawValue, examples: examples)
        complete(&report)
        Terminal.line(try JSONLine.encode(report))
    }

    private func tokenise(with models: ModelPaths) async throws {
        let utterances = try read().prefix(limit)
        guard let path = models.encoder else {
            throw CommandFailure("there is no encoder; deploy/setup installs one")
        }
        let model = try EncoderModel(path: path, backend: LlamaBackend { _, _ in })
        let encoder = JSONEncoder()
        try await ExportFile.writing(out) { output in
            for utterance in utterances {
                let line = EncoderExample(
                    tokens: model.tokens(of: utterance.text.value).tokens,
                    intent: "\(utterance.gold.vertical)/\(utterance.gold.path)"
                )
                try output.write(encoder.encode(line) + Data("\n".utf8))
            }
        }
        try tell(Figures.count(utterances.count, "example"), examples: utterances.count)
    }

    private func name(with scorerPath: String) async throws {
        let utterances = try read()
        let model = try ScorerModel(path: scorerPath, backend: LlamaBackend { _, _ in })
        var settings = NamingSet.Settings(seed: seed)
        settings.limit = min(limit, Self.namingLimit)
        let set = NamingSet(context: try ScorerContext(model: model), settings: settings)
        let encoder = JSONEncoder()
        let (examples, intents) = try await ExportFile.writing(out) { output in
            try set.make(of: utterances) { example in
                try output.write(encoder.encode(example) + Data("\n".utf8))
            }
        }
        try tell("\(examples.grouped) examples of \(intents.grouped) intents", examples: examples) { report in
            report.intents = intents
        }
    }

    /// A prompt has room for far fewer.
    private static let mostTurns = 100
    /// Examples can be drawn without end.
    private static let namingLimit = 10_000

    private func settings() -> TrainingSetSettings {
        var settings = TrainingSetSettings(
            sureness: sureness,
            limit: limit,
            perIntent: perIntent,
            scored: scored,
            seed: seed,
        )
        if plain {
            settings.candidates = LLMPolicy.defaultCandidates...LLMPolicy.defaultCandidates
            settings.exemplarsEach = LLMPolicy.defaultExemplarsEach...LLMPolicy.defaultExemplarsEach
            settings.variesNames = false
        }
        return settings
    }

    private func read() throws -> [EvalUtterance] {
        do {
            return try EvalData(reading: EvalFiles(train: files, test: [], format: format, turns: turns)).train
        } catch {
            throw CommandFailure(error.description)
        }
    }
}

/// A line of `training-set --for encoder`.
private struct EncoderExample: Encodable {
    let tokens: [Int32]
    let intent: String
}
