import ArgumentParser
import Calls
import Core
import Datasets
import Foundation
import SwitchboardClient
import Wire

struct IndexExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes all live exemplars as jsonl, as they stand at one moment.",
        discussion: """
            'index load' reads the file again, and an export after that has the same bytes. To stdout where no file is \
            named; a file is written whole or not at all. --vectors adds each vector and the id of its encoder.
            """,
    )

    @Argument(help: "Where to write.")
    var file: String?

    @Option(name: .customLong("vertical"), help: "Only this vertical; may be repeated. Default: all.")
    var verticals: [String] = []

    @Flag(help: "With the vectors, some 4 kB a line.")
    var vectors = false

    @Flag(help: "Say at the end, as one JSON object, what was written; needs a file.")
    var json = false

    @OptionGroup var connection: ConnectionOptions

    private struct Report: Encodable {
        let file: String
        let exemplars: Int
        let bytes: Int
        let logID: String
        let seq: UInt64

        enum CodingKeys: String, CodingKey {
            case file
            case exemplars
            case bytes
            case logID = "log_id"
            case seq
        }
    }

    func validate() throws {
        guard !json || file != nil else { throw ValidationError("--json needs a file; stdout has the exemplars") }
    }

    func run() async throws {
        let output = try ExportFile(file)
        do {
            let report = try await connection.withClient { try await write($0, to: output) }
            try output.keep()
            if json {
                Terminal.line(try JSONLine.encode(report))
            } else {
                Terminal.note(
                    "\(Figures.count(report.exemplars, "exemplar")) as of record \(report.seq.grouped) of log "
                        + "\(report.logID)" + (file.map { " written to \($0)" } ?? "")
                )
            }
        } catch {
            output.discard()
            throw error
        }
    }

    private func write(_ client: SwitchboardClient, to output: ExportFile) async throws -> Report {
        var named: [Vertical] = []
        for name in verticals { named.append(try Vertical(name)) }
        let encoder = vectors ? try await client.statistics().encoder : nil
        let stream = try await client.exported(ExportRequest(verticals: named, withVectors: vectors))
        var progress = ProgressLine()
        var count = 0
        var position: LogPosition?
        while let response = try await stream.next() {
            var lines = ""
            for exemplar in response.exemplars { lines += ExportLine.text(exemplar, encoder: encoder) }
            try output.write(lines)
            count += response.exemplars.count
            position = response.position
            progress.show { Figures.count(count, "exemplar") }
        }
        progress.clear()
        return Report(
            file: file ?? "-",
            exemplars: count,
            bytes: output.bytes,
            logID: position?.log.description ?? "",
            seq: position?.sequence.number ?? 0,
        )
    }
}

/// One exemplar as a line of jsonl.
enum ExportLine {
    /// - Parameter encoder: id of the encoder that made the vector; nil: no vector is written.
    static func text(_ exemplar: ExportedExemplar, encoder: String?) -> String {
        var line = JSONLinesWriter.line(
            text: exemplar.text,
            path: exemplar.intent,
            vertical: exemplar.vertical,
            origin: exemplar.origin.isEmpty ? nil : String(decoding: exemplar.origin, as: UTF8.self),
        )
        guard let encoder, !exemplar.vector.isEmpty else { return line }
        // The writer ends each object with a brace and a line end.
        line.removeLast(2)
        let figures = exemplar.vector.map(\.description).joined(separator: ",")
        return line + ", \"encoder\": \"\(encoder)\", \"vector\": [\(figures)]}\n"
    }
}
