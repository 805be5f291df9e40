import ArgumentParser
import Core
import Foundation
import SwitchboardClient

struct IndexTrimCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trim",
        abstract: "Deletes old records of the log, which then begins from a snapshot.",
        discussion: """
            The index stays as it is, and so do the ids of all operations: one that is sent again has no second effect. What \
            was before the record can be shown, undone and rolled back to no more. Records that what lives rests on stay in \
            the file, so that it shrinks by what was removed and changed alone; its free pages are used for what comes. Make \
            a backup before.
            """,
    )

    @Option(help: ArgumentHelp("The oldest record to keep; its operation stays whole.", valueName: "seq"))
    var before: UInt64

    @Flag(help: "One JSON object.")
    var json = false

    @OptionGroup var connection: ConnectionOptions

    struct Report: Encodable, Equatable {
        let firstSeq: UInt64

        enum CodingKeys: String, CodingKey {
            case firstSeq = "first_seq"
        }
    }

    func validate() throws {
        guard before > 0 else { throw ValidationError("--before is a record's number, from 1 on") }
    }

    func run() async throws {
        let record = LogSequence(before)
        let first = try await connection.withClient { client in
            try await Interrupt.ending { try await client.trimLog(before: record) }
        }
        let report = Report(firstSeq: first.number)
        Terminal.line(json ? try JSONLine.encode(report) : "the log begins at record \(first.number.grouped)")
    }
}
