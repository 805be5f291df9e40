import ArgumentParser
import Core
import Datasets
import Evaluating
import SwitchboardClient

struct CalibrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate",
        abstract: "Fits how a running node decides on labelled utterances, and sets it.",
        discussion: """
            Fits the weights of the evidence, the temperature that makes scores probabilities, and the thresholds of \
            ROUTE, CLARIFY and UNKNOWN. Each utterance is asked as if it were not known, so those that the index holds \
            do too; others, which say what callers say now, do better. The result is a record in the log, for each \
            vertical in the files and for '*', where several are asked together.

              switchboard calibrate --valid calls.csv --target-precision 0.97

            Where the language model is asked its part is fitted too. With --llm auto it is asked from then on where the \
            evidence is not sure without it, with --llm off never.
            """,
    )

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Labelled utterances that the policy is fitted on.", valueName: "file")
    )
    var valid: [String]

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Utterances that no intent fits. Default: some intents are treated as unknown for the fit.",
            valueName: "file"
        )
    )
    var oosValid: [String] = []

    @Option(help: "Format of the files. Default: told from each file.")
    var format: DatasetFormat?

    @Option(help: "A vertical, or '*' for questions to several; may be repeated. Default: each in the files, and '*'.")
    var vertical: [String] = []

    @Option(help: ArgumentHelp("How often a ROUTE is to be right.", valueName: "share"))
    var targetPrecision = 0.95

    @Option(
        name: .customLong("cost"),
        help: ArgumentHelp(
            """
            What an answer costs, in place of --target-precision: wrong-route (default 10), question (1), refusal (3), \
            stranger (5), such as wrong-route=20; may be repeated.
            """,
            valueName: "name=number"
        )
    )
    var costs: [String] = []

    @Option(help: "Whether the language model is asked from now on: off, auto or always. Default: as it is.")
    var llm: LLMOption?

    @Option(
        help: ArgumentHelp(
            "A figure to set in place of what was fitted, such as llm.least_share=0.02; may be repeated.",
            valueName: "name=value"
        )
    )
    var set: [String] = []

    @Option(help: "Chooses the intents that are treated as unknown, and the language model's sample.")
    var seed: UInt64 = 1

    @Flag(help: "Fit and tell, and set nothing.")
    var dryRun = false

    @Flag(help: "One JSON object a scope.")
    var json = false

    @OptionGroup var change: ChangeOptions
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard !valid.isEmpty else { throw ValidationError("name labelled utterances with --valid FILE") }
        guard targetPrecision > 0, targetPrecision <= 1 else {
            throw ValidationError("--target-precision is a share, more than 0 and at most 1, such as 0.97")
        }
    }

    func run() async throws {
        let data = try read()
        for note in data.notes { Terminal.note("note: \(note)") }
        let parts = try parts(of: data)
        let chosen = try chosen()
        var options = try change.options(source: "calibrate", at: connection.place())
        let changeID = ChangeID.make("calibrate")
        options.changeID = changeID
        let finished = options
        let settings = try settings(chosen)
        let bar = EvalProgressBar()
        try await connection.withClient { client in
            let run = CalibrationRun(client: client, settings: settings) { bar.show($0) }
            var outcomes: [CalibrationRun.Outcome] = []
            do {
                for part in parts {
                    outcomes.append(
                        try await run.fit(part.scope, on: part.utterances, outOfScope: data.outOfScopeValid)
                    )
                }
                bar.clear()
            } catch {
                bar.clear()
                throw error
            }
            let receipt =
                dryRun ? nil : try await client.set(outcomes.map { ($0.scope, $0.policy) }, options: finished)
            try show(outcomes, receipt, changeID: changeID)
        }
    }

    /// What `--set` names, looked at before anything is fitted.
    private func chosen() throws -> [PolicySetting] {
        var settings: [PolicySetting] = []
        for written in set {
            do throws(SwitchboardError) {
                settings.append(try PolicySetting(written))
            } catch {
                throw CommandFailure("--set: \(error.message)", exitCode: CommandFailure.usage)
            }
        }
        return settings
    }

    private func settings(_ chosen: [PolicySetting]) throws -> CalibrationRun.Settings {
        var aim = PolicyFit.Aim(routePrecision: targetPrecision)
        if !costs.isEmpty {
            do throws(SwitchboardError) {
                aim.costs = try AnswerCosts(costs)
            } catch {
                throw CommandFailure("--cost: \(error.message)", exitCode: CommandFailure.usage)
            }
        }
        return CalibrationRun.Settings(
            aim: aim,
            llm: llm.flatMap { LLMMode(rawValue: $0.value.rawValue) },
            chosen: chosen,
            calling: EvalSettings(callsInFlight: 16, seed: seed),
        )
    }

    private func read() throws -> EvalData {
        do {
            return try EvalData(
                reading: EvalFiles(train: [], valid: valid, test: [], outOfScopeValid: oosValid, format: format)
            )
        } catch {
            throw CommandFailure(error.description)
        }
    }

    /// What is fitted on what: those that are named or, where none is, each vertical that has enough utterances by itself
    /// and all together.
    private func parts(of data: EvalData) throws -> [(scope: PolicyScope, utterances: [EvalUtterance])] {
        let found = Set(data.valid.map(\.gold.vertical)).sorted()
        let scopes: [PolicyScope]
        if vertical.isEmpty {
            let (enough, few) = CalibrationRun.verticals(in: data.valid)
            for vertical in few {
                Terminal.note(
                    "note: '\(vertical.name)' has fewer than \(CalibrationRun.leastUtterances) utterances and gets no policy "
                        + "of its own; that of '*' decides there, unless it has one already"
                )
            }
            scopes = enough.map { .vertical($0) } + [.everywhere]
        } else {
            scopes = try vertical.map { name in
                do throws(SwitchboardError) {
                    return name == "*" ? .everywhere : .vertical(try Vertical(name))
                } catch {
                    throw CommandFailure("--vertical \(name): \(error.message)", exitCode: CommandFailure.usage)
                }
            }
        }
        return try scopes.map { scope in
            guard case .vertical(let vertical) = scope else { return (scope, data.valid) }
            let utterances = data.valid.filter { $0.gold.vertical == vertical }
            guard !utterances.isEmpty else {
                throw CommandFailure(
                    "the files have no utterance of the vertical '\(vertical)'; they have "
                        + found.map(\.name).joined(separator: ", ")
                )
            }
            return (scope, utterances)
        }
    }

    private func show(
        _ outcomes: [CalibrationRun.Outcome],
        _ receipt: PublishReceipt?,
        changeID: String,
    ) throws {
        for outcome in outcomes {
            if json {
                let report = CalibrationReport(
                    scope: outcome.scope.description,
                    n: outcome.count,
                    fitted: outcome.words,
                    changeID: receipt == nil ? nil : changeID,
                    seq: receipt?.seq,
                )
                Terminal.line(try JSONLine.encode(report))
            } else {
                Terminal.line(Terminal.bold("\(outcome.scope), fitted on \(outcome.count.grouped) utterances"))
                for line in outcome.words { Terminal.line("  \(line)") }
            }
        }
        guard !json else { return }
        if let receipt {
            Terminal.line("set (change \(changeID), record \(receipt.seq.grouped))")
        } else {
            Terminal.line("nothing was set, as --dry-run says")
        }
    }
}

/// A line of `calibrate --json`.
private struct CalibrationReport: Encodable {
    let scope: String
    let n: Int
    let fitted: [String]
    let changeID: String?
    let seq: UInt64?

    enum CodingKeys: String, CodingKey {
        case scope
        case n
        case fitted
        case changeID = "change_id"
        case seq
    }
}
