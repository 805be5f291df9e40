internal import Core

/// Reads records of delimited fields by RFC 4180: quoted fields may hold delimiters, doubled quotes and line ends; a
/// record ends with LF or CR LF.
///
/// Streams; memory is bounded by the longest record. A quote inside an unquoted field is an ordinary character. Empty
/// lines between records are passed over. Used by one thread.
final class DelimitedReader {
    /// A record and the line it begins at.
    struct Record {
        var fields: [[UInt8]]
        var line: Int
    }

    private let lines: LineReader
    private let delimiter: UInt8

    init(lines: LineReader, delimiter: UInt8) {
        self.lines = lines
        self.delimiter = delimiter
    }

    /// - Returns: the next record; nil after the last.
    /// - Throws: `.invalidArgument` for characters after a closing quote, or a quoted field that is never closed. The
    ///   reader then stands after that record's last line that was read.
    func next() throws(DatasetError) -> Record? {
        while let line = try lines.next() {
            if !line.isEmpty { return try record(beginningWith: line) }
        }
        return nil
    }

    func skip(to line: Int) throws(DatasetError) {
        try lines.skip(to: line)
    }

    private func record(beginningWith first: [UInt8]) throws(DatasetError) -> Record {
        let start = lines.lineNumber
        var line = first
        var fields: [[UInt8]] = []
        var position = 0
        while true {
            guard position < line.count, line[position] == UInt8(ascii: "\"") else {
                let end = line[position...].firstIndex(of: delimiter) ?? line.count
                fields.append(Array(line[position..<end]))
                if end == line.count { return Record(fields: fields, line: start) }
                position = end + 1
                continue
            }
            var field: [UInt8] = []
            position += 1
            while true {
                guard let quote = line[position...].firstIndex(of: UInt8(ascii: "\"")) else {
                    field.append(contentsOf: line[position...])
                    field.append(UInt8(ascii: "\n"))
                    guard field.count <= LineReader.maximumLineBytes, let more = try lines.next() else {
                        throw DatasetError(
                            file: lines.file,
                            line: start,
                            reason: "a quoted field is never closed; is the file cut off, or a quote not doubled?",
                            endsReading: lines.hasEnded
                        )
                    }
                    line = more
                    position = 0
                    continue
                }
                field.append(contentsOf: line[position..<quote])
                position = quote + 1
                guard position < line.count, line[position] == UInt8(ascii: "\"") else { break }
                field.append(UInt8(ascii: "\""))
                position += 1
            }
            fields.append(field)
            if position == line.count { return Record(fields: fields, line: start) }
            guard line[position] == delimiter else {
                throw DatasetError(
                    file: lines.file,
                    line: start,
                    reason: "field \(fields.count) goes on after its closing quote; a quote inside is written twice"
                )
            }
            position += 1
        }
    }

    var file: String { lines.file }
    var endsWithoutLineEnd: Bool { lines.endsWithoutLineEnd }
}
