import Core
import SwitchboardClient

/// The end of a dry run: what the load would do, in figures, for a person and as JSON.
struct RehearsalText {
    struct Report: Encodable {
        struct Intent: Encodable {
            let vertical: String
            let intent: String
        }

        let kind = "summary"
        let file: String
        let format: String
        let rows: Int
        let added: Int
        let unchanged: Int
        let relabelled: Int
        let refused: Int
        let badRows: Int
        let intentsCreated: Int
        let created: [Intent]
        let twoLabels: Int
        let nearDuplicatesInFile: Int
        let nearDuplicatesInIndex: Int
        let comparedInFile: Int?
        let logID: String?
        let seq: UInt64?
        let notes: [String]

        enum CodingKeys: String, CodingKey {
            case kind
            case file
            case format
            case rows
            case added
            case unchanged
            case relabelled
            case refused
            case badRows = "bad_rows"
            case intentsCreated = "intents_created"
            case created
            case twoLabels = "two_labels"
            case nearDuplicatesInFile = "near_duplicates_in_file"
            case nearDuplicatesInIndex = "near_duplicates_in_index"
            case comparedInFile = "compared_in_file"
            case logID = "log_id"
            case seq
            case notes
        }
    }

    /// Intents of a vertical that a person is shown.
    private static let shownIntents = 12

    let json: Report

    init(_ summary: RehearsalSummary, file: String, format: String, badRows: Int, notes: [String]) {
        json = Report(
            file: file,
            format: format,
            rows: summary.rows,
            added: summary.added,
            unchanged: summary.unchanged,
            relabelled: summary.relabelled,
            refused: summary.refused,
            badRows: badRows,
            intentsCreated: summary.created.count,
            created: summary.created.map { .init(vertical: $0.vertical.name, intent: $0.path.description) },
            twoLabels: summary.twoLabels,
            nearDuplicatesInFile: summary.nearInFile,
            nearDuplicatesInIndex: summary.nearInIndex,
            comparedInFile: summary.comparedInFile,
            logID: summary.position?.log.description,
            seq: summary.position?.sequence.number,
            notes: notes,
        )
    }

    var words: String {
        var lines = [
            "\(Figures.count(json.rows, "pair")) in \(json.file) (\(json.format)); loading it would",
            "  add \(json.added.grouped), re-label \(json.relabelled.grouped), leave "
                + "\(json.unchanged.grouped) unchanged, refuse \(json.refused.grouped)",
            "  create \(Figures.count(json.intentsCreated, "intent"))",
        ]
        let verticals = Dictionary(grouping: json.created, by: \.vertical).sorted { $0.key < $1.key }
        for (vertical, intents) in verticals {
            let shown = intents.prefix(Self.shownIntents).map(\.intent).joined(separator: ", ")
            let rest = intents.count - Self.shownIntents
            lines.append("    \(vertical): \(shown)" + (rest > 0 ? " and \(rest.grouped) more" : ""))
        }
        lines.append("  texts with two labels in the file: \(json.twoLabels.grouped)")
        lines.append(
            "  near-duplicates under another intent: \(json.nearDuplicatesInFile.grouped) in the file, "
                + "\(json.nearDuplicatesInIndex.grouped) in the index"
        )
        if let compared = json.comparedInFile {
            lines.append("    (in the file, rows were compared with its first \(compared.grouped) new ones)")
        }
        lines += json.notes.map { "  " + $0 }
        lines.append("Nothing was changed.")
        return lines.joined(separator: "\n")
    }
}
