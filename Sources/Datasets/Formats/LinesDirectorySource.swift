/// A folder with `seq.in` and `label`: line n of the one is the text, line n of the other its intent.
///
/// Both are counted before the first row is handed out, since a line too few would give every later text a wrong
/// label.
final class LinesDirectorySource: RowSource {
    private let texts: LineReader
    private let labels: LineReader

    init(folder: String, fromLine: Int) throws(DatasetError) {
        let textFile = folder + "/seq.in"
        let labelFile = folder + "/label"
        let textCount = try Self.lineCount(textFile)
        let labelCount = try Self.lineCount(labelFile)
        guard textCount == labelCount else {
            throw DatasetError(
                file: textCount < labelCount ? textFile : labelFile,
                line: min(textCount, labelCount) + 1,
                reason: "seq.in has \(textCount) lines and label \(labelCount); they must have equally many"
            )
        }
        texts = try LineReader(file: textFile)
        labels = try LineReader(file: labelFile)
        try texts.skip(to: fromLine)
        try labels.skip(to: fromLine)
    }

    var endsWithoutLineEnd: Bool { texts.endsWithoutLineEnd || labels.endsWithoutLineEnd }

    func next() throws(DatasetError) -> RawRow? {
        // Both are read before anything is checked, so that an error in one row does not shift the next.
        let text = try texts.next()
        let label = try labels.next()
        guard let text, let label else { return nil }
        return RawRow(
            file: texts.file,
            line: texts.lineNumber,
            text: try decoded(text, "the line", file: texts.file, line: texts.lineNumber),
            intents: [.written(try decoded(label, "the line", file: labels.file, line: labels.lineNumber))]
        )
    }

    private static func lineCount(_ file: String) throws(DatasetError) -> Int {
        let lines = try LineReader(file: file)
        while try lines.next() != nil {}
        return lines.lineNumber
    }
}
