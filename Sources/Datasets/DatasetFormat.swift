/// How a data set is written down.
package enum DatasetFormat: String, Sendable, Hashable, CaseIterable {
    /// One JSON object a line.
    case jsonl
    /// Comma-separated (or tab, or semicolon) with a header that names the columns.
    case csv
    /// CLINC150's JSON; `FILE#part` names the part.
    case clinc150
    /// A folder with `seq.in` and `label`.
    case linesDirectory = "lines-dir"
    /// HWU64's semicolon-separated files: a folder of them, or one.
    case hwu
    /// MultiDoGO's tab-separated turns.
    case multidogo
    /// STAR's dialogues: a folder of JSON files, or one.
    case star
    /// Rasa's NLU YAML: a file, or a folder of them.
    case rasa
    /// One utterance a line, without labels.
    case lines

    /// The names in a sentence.
    package static var accepted: String { allCases.map(\.rawValue).joined(separator: ", ") }

    /// - Throws: `.invalidArgument` with the accepted names.
    package init(named name: String) throws(DatasetError) {
        guard let format = DatasetFormat(rawValue: name) else {
            throw DatasetError(file: name, reason: "is no format; accepted are \(Self.accepted)")
        }
        self = format
    }

    /// Published files of it hold turns without a text, or lines that are empty.
    var skipsEmptyTexts: Bool { self == .multidogo || self == .lines }
    /// Only some turns of it carry an intent, by design.
    var hasUnlabelledTurns: Bool { self == .star }
}
