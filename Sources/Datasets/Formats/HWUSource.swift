/// HWU64's published tables: semicolon-separated with quoted fields, one file an intent in a folder, or one file.
///
/// The intent has two levels, `scenario` and `intent`. The text is `answer_from_anno`, the annotators' spelling, which
/// published figures use; where that is empty, what the person typed.
final class HWUSource: RowSource {
    private let records: DelimitedReader
    private let header: DelimitedHeader
    private let scenario: Int
    private let intent: Int
    private let texts: [Int]

    init(file: String, fromLine: Int) throws(DatasetError) {
        let lines = try LineReader(file: file)
        let (records, header) = try DelimitedHeader.read(lines, delimiters: ";") { _ in true }
        self.records = records
        self.header = header
        scenario = try header.column("scenario")
        intent = try header.column("intent")
        let names = ["answer_from_anno", "answer_from_user", "answer_normalised", "answer"]
        texts = names.compactMap { header.names.firstIndex(of: $0) }
        guard !texts.isEmpty else { throw header.missing("the text", names) }
        try records.skip(to: fromLine)
    }

    var endsWithoutLineEnd: Bool { records.endsWithoutLineEnd }

    func next() throws(DatasetError) -> RawRow? {
        guard let record = try records.next() else { return nil }
        let fields = try header.fields(of: record, in: records)
        let column = texts.first { column in fields[column].contains { $0 != 0x20 } } ?? texts[0]
        return RawRow(
            file: records.file,
            line: record.line,
            text: try decoded(fields[column], "the answer", file: records.file, line: record.line),
            intents: [
                .levels([
                    try decoded(fields[scenario], "the scenario", file: records.file, line: record.line),
                    try decoded(fields[intent], "the intent", file: records.file, line: record.line),
                ])
            ]
        )
    }
}
