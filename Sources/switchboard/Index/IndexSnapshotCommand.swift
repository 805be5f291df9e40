import ArgumentParser
import Core
import Foundation
import SwitchboardClient
import Wire

struct IndexSnapshotCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapshot",
        abstract: "Writes a snapshot of the index, from which replicas begin.",
        discussion: """
            The updater writes it into snapshots/ of its data directory, as it does by itself every so many records. Where \
            nothing has changed since the last one, that is named. The two newest are kept.
            """,
    )

    @Flag(help: "One JSON object.")
    var json = false

    @OptionGroup var connection: ConnectionOptions

    struct Report: Encodable, Equatable {
        let logID: String
        let seq: UInt64
        let bytes: Int
        let checksum: String

        enum CodingKeys: String, CodingKey {
            case logID = "log_id"
            case seq, bytes, checksum
        }
    }

    func run() async throws {
        let written = try await connection.withClient { client in
            try await Interrupt.ending { try await client.writtenSnapshot() }
        }
        let report = Report(written)
        Terminal.line(json ? try JSONLine.encode(report) : report.words)
    }
}

extension IndexSnapshotCommand.Report {
    init(_ written: SnapshotResponse.Beginning) {
        logID = written.file.position.log.description
        seq = written.file.position.sequence.number
        bytes = written.size
        checksum = hexadecimal(written.file.checksum)
    }

    var words: String { "snapshots/\(seq).snapshot: record \(seq.grouped) of log \(logID), \(Figures.bytes(bytes))" }
}
