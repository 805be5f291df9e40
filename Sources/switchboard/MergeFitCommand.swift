import ArgumentParser
import Core
import Datasets
import Discovering
import Evaluating
import Foundation
import Node
import Synchronization

struct MergeFitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge-fit",
        abstract: "Fits when discovered clusters are merged to labelled utterances.",
        discussion: """
            Each file is a pool by itself: its utterances are clustered, judged and named, and merging is held against the
            labels for each angle, co-membership and concentration that is tried. A file's figures are by a fit to the other
            files. What comes out is printed; MergeSettings has the values that ship. docs/discovery.md tells how clusters
            are merged.
            """,
        shouldDisplay: false,
    )

    @Argument(help: ArgumentHelp("Labelled utterances.", valueName: "file"))
    var files: [String]

    @Option(help: "Format of the files. Default: told from each file.")
    var format: DatasetFormat?

    @Option(help: "Take so many utterances of a file at most, drawn by --seed.")
    var sample: Int?

    @Option(help: ArgumentHelp("Encoder (GGUF). Default: the one that deploy/setup installed.", valueName: "file"))
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
            "Its adapter (GGUF), or 'none'. Default: the one that deploy/setup installed.",
            valueName: "file"
        )
    )
    var adapter: String?

    @OptionGroup(title: "How it looks") var options: RunOptions

    func validate() throws {
        if let sample, sample < 1 { throw ValidationError("--sample \(sample) leaves nothing to merge") }
        if options.tune { throw ValidationError("merging compares vectors of the serving encoder; leave out --tune") }
    }

    func run() async throws {
        try await reportingFailures { try await fit() }
    }

    private func fit() async throws {
        let settings = try options.settings()
        let pools = try files.map { file in
            MergeFitRun.Pool(name: URL(fileURLWithPath: file).lastPathComponent, set: try read(file))
        }
        let models = ModelPaths.installed(in: ModelPaths.cache(environment: Environment.variables))
            .replacing(encoder: encoder, scorer: scorer, adapter: adapter)
        let line = Mutex(ProgressLine())
        let outcome = try await Interrupt.ending {
            try await LocalEngines.with(models, threads: ProcessInfo.processInfo.activeProcessorCount) { engines in
                try await MergeFitRun(settings: settings, engines: engines) { words in
                    line.withLock { $0.show { words } }
                }.run(pools: pools)
            }
        }
        line.withLock { $0.clear() }
        for row in outcome.rows { Terminal.line(words(of: row)) }
        let fit = outcome.fit
        Terminal.line(
            "theta \(fit.settings.angle), tau \(fit.settings.coMembership), kappa x \(fit.settings.concentrationScale): "
                + percent(fit.score) + " on all of these, unmerged " + percent(fit.unmerged)
        )
    }

    private func words(of row: MergeFitRun.Row) -> String {
        "\(row.pool): (NMI + ACC) / 2 unmerged \(percent(row.unmerged)), as it ships \(percent(row.shipped)), "
            + "fitted to the others \(row.heldOut.map(percent) ?? "-")"
    }

    private func percent(_ share: Double) -> String { String(format: "%.1f", 100 * share) }

    private func read(_ file: String) throws(CommandFailure) -> GoldSet {
        do throws(DatasetError) {
            let rows = try DatasetReader.readAll(DatasetLocation(file), format: format, requiresIntent: true)
            return GoldSet(rows, sample: sample, seed: options.seed)
        } catch {
            throw CommandFailure(error.description)
        }
    }
}
