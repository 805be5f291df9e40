/// Turns of MultiDoGO's published tables: tab-separated with quoted fields, columns `conversationId`, `utterance` and
/// `intent`, several intents joined by `<div>`. Every turn is a caller's.
final class MultiDoGOSource: RowSource {
    private let records: DelimitedReader
    private let header: DelimitedHeader
    private let conversation: Int
    private let utterance: Int
    private let intent: Int

    init(file: String, fromLine: Int) throws(DatasetError) {
        let lines = try LineReader(file: file)
        (records, header) = try DelimitedHeader.read(lines, delimiters: "\t") { _ in true }
        conversation = try header.column("conversationId")
        utterance = try header.column("utterance")
        intent = try header.column("intent")
        try records.skip(to: fromLine)
    }

    var endsWithoutLineEnd: Bool { records.endsWithoutLineEnd }

    func next() throws(DatasetError) -> RawRow? {
        guard let record = try records.next() else { return nil }
        let fields = try header.fields(of: record, in: records)
        let labels = try decoded(fields[intent], "the intent", file: records.file, line: record.line)
        return RawRow(
            file: records.file,
            line: record.line,
            text: try decoded(fields[utterance], "the utterance", file: records.file, line: record.line),
            intents: labels.split(separator: "<div>").map { .written(String($0)) },
            role: SpeakerRole.caller.rawValue,
            conversation: try decoded(
                fields[conversation],
                "the conversation id",
                file: records.file,
                line: record.line
            )
        )
    }
}
