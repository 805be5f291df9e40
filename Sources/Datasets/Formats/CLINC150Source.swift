/// CLINC150's JSON: an object of parts, each a list of `[text, label]`. One part is read; of the parts that begin with
/// `oos` every row is out of scope.
final class CLINC150Source: RowSource {
    private let file: String
    private let isOutOfScope: Bool
    private var document: JSONDocument
    private var isFirst = true
    private var isFinished = false

    let endsWithoutLineEnd = false

    /// - Throws: `.invalidArgument` where the file is no such JSON, or no part or one that it has not is named.
    init(file: String, part: String?) throws(DatasetError) {
        self.file = file
        var scan = JSONDocument(file: file, bytes: try wholeFile(file))
        var parts: [String] = []
        var found: JSONDocument?
        do {
            try scan.scanner.enterObject()
            while let key = try scan.scanner.nextKey(isFirst: parts.isEmpty) {
                parts.append(key)
                if key == part { found = scan }
                try scan.scanner.skip()
            }
            try scan.scanner.end()
        } catch {
            throw scan.problem(error)
        }
        guard let part, let found else {
            let list = parts.prefix(20).map { "\(file)#\($0)" }.joined(separator: ", ")
            throw DatasetError(
                file: file,
                reason: part.map { "has no part '\($0)'; it has \(list)" } ?? "has several parts; name one of \(list)"
            )
        }
        document = found
        isOutOfScope = part.lowercased().hasPrefix("oos")
        do {
            try document.scanner.enterArray()
        } catch {
            throw document.problem(error)
        }
    }

    func next() throws(DatasetError) -> RawRow? {
        guard !isFinished else { return nil }
        do throws(JSONError) {
            guard try document.scanner.nextElement(isFirst: isFirst) else {
                isFinished = true
                return nil
            }
            isFirst = false
            try document.scanner.enterArray()
            let line = document.line
            var values: [String] = []
            while try document.scanner.nextElement(isFirst: values.isEmpty) {
                values.append(try document.scanner.string("[text, label]"))
            }
            guard values.count == 2 else {
                throw JSONError(
                    offset: document.scanner.position,
                    reason: "a row is [text, label], this one has \(values.count) parts",
                    isCutOff: false
                )
            }
            return RawRow(
                file: file,
                line: line,
                text: values[0],
                intents: [.written(values[1])],
                isOutOfScope: isOutOfScope
            )
        } catch {
            isFinished = true
            throw document.problem(error)
        }
    }
}
