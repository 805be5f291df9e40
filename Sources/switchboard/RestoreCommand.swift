import ArgumentParser
import Core
import Logging
import UpdateStore
import Updating

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Makes a data directory out of a backup.",
        discussion: """
            The log gets a new id: what routers and replicas remember of the other one counts no more. Stop the node whose \
            data is lost before; start one on the new folder after. --purges names purges.jsonl of the lost data directory, \
            where that is left: what was erased after the backup is erased again. Its key is keys/purge.key beside it, or \
            the backup's.
            """,
    )

    @Argument(help: "The backup's folder.")
    var folder: String

    @Option(help: "The data directory to make: a folder that is not there yet, or is empty.")
    var data: String

    @Option(help: ArgumentHelp("The list of what was erased since.", valueName: "file"))
    var purges: String?

    @Flag(help: "Say at the end, as one JSON object, what was restored.")
    var json = false

    struct Report: Encodable {
        let data: String
        let logID: String
        let seq: UInt64
        let purgedExemplars: Int
        let purgedFeedback: Int
        let unplacedPurges: Int

        enum CodingKeys: String, CodingKey {
            case data
            case logID = "log_id"
            case seq
            case purgedExemplars = "purged_exemplars"
            case purgedFeedback = "purged_feedback"
            case unplacedPurges = "unplaced_purges"
        }
    }

    func run() async throws {
        let restore = DataRestore(
            of: folder,
            to: data,
            purges: purges,
            renewSnapshots: SnapshotKeeper.renewal(
                logger: Logger(label: "switchboard") { _ in SwiftLogNoOpLogHandler() }
            )
        )
        let bar = CopyBar()
        defer { bar.clear() }
        let made = try await reportingFailures {
            try await Interrupt.ending { try await restore.run { bar.show($0) } }
        }
        bar.clear()
        if json {
            Terminal.line(
                try JSONLine.encode(
                    Report(
                        data: data,
                        logID: made.head.log.description,
                        seq: made.head.sequence.number,
                        purgedExemplars: made.purgedExemplars,
                        purgedFeedback: made.purgedFeedback,
                        unplacedPurges: made.unplacedPurges
                    )
                )
            )
        } else {
            var words =
                "\(data) has record \(made.head.sequence.number.grouped) of log \(made.head.log), which was log "
                + made.manifest.log
            if purges != nil {
                words +=
                    "\nerased since the backup: \(Figures.count(made.purgedExemplars, "exemplar")), "
                    + Figures.count(made.purgedFeedback, "word") + " of feedback"
            }
            if made.unplacedPurges > 0 {
                words +=
                    "\n\(Figures.count(made.unplacedPurges, "line")) of the list named no record of that log, and the backup's "
                    + "own list did not have them; what they name was erased, also where it was added again before the "
                    + "backup was made"
            }
            if made.lacksSnapshot {
                words +=
                    "\nits log was trimmed and the backup has no snapshot, so that nothing can follow it; 'switchboard "
                    + "index export' on it and 'index load' into an empty folder make an index of it again"
            }
            Terminal.line(
                words + "\nstart it with the options that it had: switchboard node --data \(ShellCommand.quoted(data))"
            )
        }
    }
}
