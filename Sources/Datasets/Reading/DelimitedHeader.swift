/// The first line of a delimited file: which column holds what.
struct DelimitedHeader {
    let file: String
    /// In lower case, trimmed.
    let names: [String]

    /// Reads the header with the first delimiter that makes it acceptable, or else with the first of all.
    static func read(
        _ lines: LineReader,
        delimiters: String,
        isAcceptable: (DelimitedHeader) -> Bool,
    ) throws(DatasetError) -> (DelimitedReader, DelimitedHeader) {
        guard let first = try lines.next() else {
            throw DatasetError(file: lines.file, reason: "the file is empty; a header line is expected")
        }
        let text = try decoded(first, "the header", file: lines.file, line: 1)
        var fallback: (DelimitedReader, DelimitedHeader)?
        for delimiter in delimiters.utf8 {
            let separator = Character(Unicode.Scalar(delimiter))
            let names = text.split(separator: separator, omittingEmptySubsequences: false).map { name in
                name.filter { $0 != "\"" && !$0.isWhitespace }.lowercased()
            }
            let header = DelimitedHeader(file: lines.file, names: names)
            let reading = (DelimitedReader(lines: lines, delimiter: delimiter), header)
            if isAcceptable(header) { return reading }
            fallback = fallback ?? reading
        }
        guard let fallback else { preconditionFailure("a delimited format names at least one delimiter") }
        return fallback
    }

    /// The column whose name is the field's best.
    func firstColumn(of field: RowField) -> Int? {
        for name in field.names {
            if let column = names.firstIndex(of: name) { return column }
        }
        return nil
    }

    /// - Throws: `.invalidArgument` naming the column.
    func column(_ name: String) throws(DatasetError) -> Int {
        guard let column = names.firstIndex(of: name.lowercased()) else { throw missing("'\(name)'", [name]) }
        return column
    }

    func missing(_ what: String, _ accepted: [String]) -> DatasetError {
        let list = accepted.map { "'\($0)'" }.joined(separator: ", ")
        return DatasetError(
            file: file,
            line: 1,
            reason: "the first line names no column for \(what); accepted names: \(list)"
        )
    }

    /// - Throws: `.invalidArgument` where the record has not as many fields as the header.
    func fields(of record: DelimitedReader.Record, in records: DelimitedReader) throws(DatasetError) -> [[UInt8]] {
        guard record.fields.count == names.count else {
            let isCut = records.endsWithoutLineEnd && record.fields.count < names.count
            throw DatasetError(
                file: file,
                line: record.line,
                reason: "the record has \(record.fields.count) fields, the header \(names.count)"
                    + (isCut ? "; the file ends in the middle of a line" : "")
            )
        }
        return record.fields
    }
}
