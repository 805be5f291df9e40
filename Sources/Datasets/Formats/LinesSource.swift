/// One utterance a line, without a label: what discovery looks through. Named only, as nothing tells it from other text.
final class LinesSource: RowSource {
    private let lines: LineReader

    init(file: String, fromLine: Int) throws(DatasetError) {
        lines = try LineReader(file: file)
        try lines.skip(to: fromLine)
    }

    var endsWithoutLineEnd: Bool { lines.endsWithoutLineEnd }

    func next() throws(DatasetError) -> RawRow? {
        guard let line = try lines.next() else { return nil }
        return RawRow(
            file: lines.file,
            line: lines.lineNumber,
            text: try decoded(line, "the line", file: lines.file, line: lines.lineNumber)
        )
    }
}
