import ArgumentParser
import Core
import UpdateStore

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copies a data directory while a node works with it.",
        discussion: """
            Log and feedback as they stand at one moment, models, keys, and a manifest with checksums. Every record of the \
            copy is read against its own checksum. The folder appears when all of it is on disk. Run it on the machine of \
            the index updater, as the node's user; keep what it makes as safe as the data directory, since it holds its \
            texts and its secret keys. A data directory on a read-only disk is read as it lies; stop its node before.
            """,
    )

    @Argument(help: "Where to: a folder that is not there yet, or is empty.")
    var folder: String

    @Option(help: "Data directory ($SWITCHBOARD_DATA; default: ~/.local/share/switchboard).")
    var data: String?

    @Flag(help: "Say at the end, as one JSON object, what was copied.")
    var json = false

    struct Report: Encodable {
        let folder: String
        let files: Int
        let bytes: Int
        let logID: String
        let seq: UInt64
        let feedback: Int
        let checked: Bool

        enum CodingKeys: String, CodingKey {
            case folder, files, bytes
            case logID = "log_id"
            case seq, feedback, checked
        }
    }

    func run() async throws {
        let backup = DataBackup(of: DataPlace.path(data), to: folder)
        let bar = CopyBar()
        defer { bar.clear() }
        let manifest = try await reportingFailures {
            try await Interrupt.ending { try await backup.run { bar.show($0) } }
        }
        bar.clear()
        if json {
            Terminal.line(
                try JSONLine.encode(
                    Report(
                        folder: folder,
                        files: manifest.files.count,
                        bytes: manifest.bytes,
                        logID: manifest.log,
                        seq: manifest.sequence,
                        feedback: manifest.feedback,
                        checked: manifest.isChecked
                    )
                )
            )
        } else {
            Terminal.line(
                "\(Figures.bytes(manifest.bytes)) in \(folder): record \(manifest.sequence.grouped) of log \(manifest.log), "
                    + Figures.count(manifest.feedback, "word") + " of feedback"
            )
            if !manifest.isChecked {
                Terminal.note(
                    "its records were not checked: an older version wrote the log, and restoring brings it up to date"
                )
            }
        }
    }
}
