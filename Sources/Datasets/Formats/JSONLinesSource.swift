/// One JSON object a line: `{"text", "intent"[, "vertical", "role", "conversation", "origin"]}` under any of the names
/// of `RowField`; other keys are passed over, empty lines too. `vector` and `encoder` are taken where both are as an
/// export writes them.
final class JSONLinesSource: RowSource {
    private let lines: LineReader

    init(file: String, fromLine: Int) throws(DatasetError) {
        lines = try LineReader(file: file)
        try lines.skip(to: fromLine)
    }

    var endsWithoutLineEnd: Bool { lines.endsWithoutLineEnd }

    func next() throws(DatasetError) -> RawRow? {
        while let line = try lines.next() {
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
            do {
                return try row(line)
            } catch {
                throw problem(error)
            }
        }
        return nil
    }

    private func row(_ line: [UInt8]) throws(JSONError) -> RawRow {
        var scanner = JSONScanner(line)
        var row = RawRow(file: lines.file, line: lines.lineNumber, text: "")
        var textRank = Int.max
        var intentRank = Int.max
        var conversationRank = Int.max
        try scanner.enterObject()
        var isFirst = true
        while let key = try scanner.nextKey(isFirst: isFirst) {
            isFirst = false
            if key == "vector", try scanner.peek() == .array {
                row.vector = try figures(&scanner)
                continue
            }
            if key == "encoder", try scanner.peek() == .string {
                row.encoder = try scanner.string()
                continue
            }
            guard let (field, rank) = RowField.meaning(of: key) else {
                try scanner.skip()
                continue
            }
            switch field {
            case .text where rank <= textRank:
                row.text = try scanner.string(key)
                textRank = rank
            case .intent where rank <= intentRank:
                row.intents = try intents(&scanner, key)
                intentRank = rank
            case .conversation where rank <= conversationRank:
                row.conversation = try reference(&scanner, key)
                conversationRank = rank
            case .vertical: row.vertical = try scanner.stringOrNull(key)
            case .role: row.role = try scanner.stringOrNull(key)
            case .origin: row.origin = try reference(&scanner, key)
            case .text, .intent, .conversation: try scanner.skip()
            }
        }
        try scanner.end()
        guard textRank != Int.max else {
            throw JSONError(
                offset: 0,
                reason: "there is no text; accepted are the keys \(RowField.text.accepted)",
                isCutOff: false
            )
        }
        return row
    }

    /// A string, a list of strings, or null.
    private func intents(_ scanner: inout JSONScanner, _ key: String) throws(JSONError) -> [RawIntent] {
        guard try scanner.peek() == .array else {
            return try scanner.stringOrNull(key).map { [.written($0)] } ?? []
        }
        var intents: [RawIntent] = []
        try scanner.enterArray()
        while try scanner.nextElement(isFirst: intents.isEmpty) {
            intents.append(.written(try scanner.string(key)))
        }
        return intents
    }

    /// Numbers; none where an element is something else.
    private func figures(_ scanner: inout JSONScanner) throws(JSONError) -> [Float] {
        var figures: [Float] = []
        var isFirst = true
        var areNumbers = true
        try scanner.enterArray()
        while try scanner.nextElement(isFirst: isFirst) {
            isFirst = false
            guard try scanner.peek() == .number else {
                areNumbers = false
                try scanner.skip()
                continue
            }
            // What JSON calls a number is one here too.
            figures.append(Float(try scanner.number()) ?? .nan)
        }
        return areNumbers ? figures : []
    }

    /// A string, a number as it is written, or null.
    private func reference(_ scanner: inout JSONScanner, _ key: String) throws(JSONError) -> String? {
        try scanner.peek() == .number ? scanner.number() : scanner.stringOrNull(key)
    }

    private func problem(_ error: JSONError) -> DatasetError {
        let reason =
            error.isCutOff && lines.endsWithoutLineEnd
            ? "the file ends in the middle of this line"
            : error.offset == 0 ? error.reason : "\(error.reason) (byte \(error.offset + 1) of the line)"
        return DatasetError(file: lines.file, line: lines.lineNumber, reason: reason)
    }
}

extension JSONScanner {
    /// A string, with an error that names the key.
    mutating func string(_ key: String) throws(JSONError) -> String {
        let kind = try peek()
        guard kind == .string else {
            throw JSONError(
                offset: position,
                reason: "the value of '\(key)' is \(kind.rawValue), not a string",
                isCutOff: false
            )
        }
        return try string()
    }

    mutating func stringOrNull(_ key: String) throws(JSONError) -> String? {
        guard try peek() == .null else { return try string(key) }
        try skip()
        return nil
    }
}
