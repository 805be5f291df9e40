import Core
import Datasets
import Foundation
import SwitchboardClient

/// A finding of a dry run as a line for a person, and as JSON.
struct FindingText {
    private struct Report: Encodable {
        var kind: String
        var line: Int?
        var vertical: String?
        var text: String?
        var intent: String?
        var otherLine: Int?
        var otherText: String?
        var otherIntent: String?
        var similarity: Double?
        var file: String?
        var reason: String?

        enum CodingKeys: String, CodingKey {
            case kind
            case line
            case vertical
            case text
            case intent
            case otherLine = "other_line"
            case otherText = "other_text"
            case otherIntent = "other_intent"
            case similarity
            case file
            case reason
        }
    }

    let words: String
    private let report: Report

    var kind: String { report.kind }
    /// One object without a line end.
    var json: String {
        do {
            return try JSONLine.encode(report)
        } catch {
            preconditionFailure("strings and finite numbers can be written as JSON: \(error)")
        }
    }

    init(_ finding: RehearsalFinding) {
        switch finding {
        case .relabelled(let row, let earlier):
            report = Self.report("relabelled", row, otherIntent: earlier)
            words =
                "line \(row.number): would be re-labelled from \(earlier) to \(row.path): \(Self.quote(row.text.value))"
        case .refused(let row, let reason):
            report = Self.report("refused", row, reason: reason)
            words = "line \(row.number): would be refused: \(reason): \(Self.quote(row.text.value))"
        case .twoLabels(let row, let earlier):
            report = Self.report("two_labels", row, otherLine: earlier.earlierNumber, otherIntent: earlier.earlierPath)
            words =
                "lines \(earlier.earlierNumber) and \(row.number): one text with two labels, \(earlier.earlierPath) and "
                + "\(row.path): \(Self.quote(row.text.value))"
        case .nearInFile(let row, let match):
            report = Self.report(
                "near_duplicate_in_file",
                row,
                otherLine: match.number,
                otherIntent: match.path,
                similarity: match.similarity
            )
            words =
                "lines \(match.number) and \(row.number): almost the same (\(Self.cosine(match.similarity))) under "
                + "\(match.path) and \(row.path): \(Self.quote(row.text.value))"
        case .nearInIndex(let row, let text, let path, let similarity):
            report = Self.report(
                "near_duplicate_in_index",
                row,
                otherText: text,
                otherIntent: path,
                similarity: similarity
            )
            words =
                "line \(row.number): \(row.path): \(Self.quote(row.text.value)) is almost the same "
                + "(\(Self.cosine(similarity))) as \(path): \(Self.quote(text))"
        }
    }

    init(badRow error: DatasetError) {
        report = Report(kind: "bad_row", line: error.line, file: error.file, reason: error.reason)
        words = "\(error)"
    }

    private static func report(
        _ kind: String,
        _ row: RehearsalRow,
        otherLine: Int? = nil,
        otherText: String? = nil,
        otherIntent: IntentPath? = nil,
        similarity: Double? = nil,
        reason: String? = nil,
    ) -> Report {
        Report(
            kind: kind,
            line: row.number,
            vertical: row.vertical.name,
            text: row.text.value,
            intent: row.path.description,
            otherLine: otherLine,
            otherText: otherText,
            otherIntent: otherIntent?.description,
            similarity: similarity,
            reason: reason,
        )
    }

    private static func quote(_ text: String) -> String {
        text.count > 90 ? "\"\(text.prefix(88))...\"" : "\"\(text)\""
    }

    private static func cosine(_ value: Double) -> String { String(format: "%.3f", value) }
}
