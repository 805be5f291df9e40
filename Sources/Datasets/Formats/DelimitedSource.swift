/// Rows of a delimited file with a header line: comma, tab or semicolon, whichever makes the header name a text.
///
/// The columns are found by name, in any case and order; other columns are passed over. Every record must have as many
/// fields as the header.
final class DelimitedSource: RowSource {
    private let records: DelimitedReader
    private let header: DelimitedHeader
    private let columns: [RowField: Int]

    /// - Parameter needsIntent: a header without a column for the intent is an error.
    init(file: String, fromLine: Int, needsIntent: Bool) throws(DatasetError) {
        let lines = try LineReader(file: file)
        (records, header) = try DelimitedHeader.read(lines, delimiters: ",\t;") { $0.firstColumn(of: .text) != nil }
        var columns: [RowField: Int] = [:]
        for field in RowField.allCases { columns[field] = header.firstColumn(of: field) }
        guard columns[.text] != nil else {
            throw header.missing("the text", RowField.text.names)
        }
        guard columns[.intent] != nil || !needsIntent else {
            throw header.missing("the intent", RowField.intent.names)
        }
        self.columns = columns
        try records.skip(to: fromLine)
    }

    var endsWithoutLineEnd: Bool { records.endsWithoutLineEnd }

    func next() throws(DatasetError) -> RawRow? {
        guard let record = try records.next() else { return nil }
        let fields = try header.fields(of: record, in: records)
        var row = RawRow(file: records.file, line: record.line, text: "")
        for (field, column) in columns where !fields[column].isEmpty {
            let value = try decoded(
                fields[column],
                "the field '\(header.names[column])'",
                file: records.file,
                line: record.line
            )
            switch field {
            case .text: row.text = value
            case .intent: row.intents = [.written(value)]
            case .vertical: row.vertical = value
            case .role: row.role = value
            case .conversation: row.conversation = value
            case .origin: row.origin = value
            }
        }
        return row
    }
}
