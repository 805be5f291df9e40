internal import Core
internal import Yams

/// Rasa's NLU YAML: under `nlu:` one entry an intent, its examples a text block of `- ` lines or a list with `text`.
///
/// Entity annotations are taken off: `[two days](duration)` and `[two days]{"entity": "duration"}` become `two days`.
/// Entries that are no intent (synonyms, lookup tables, regular expressions) are passed over.
final class RasaSource: RowSource {
    private let file: String
    private var entries: ArraySlice<(intent: String, examples: Node)> = []
    private var rows: ArraySlice<RawRow> = []

    let endsWithoutLineEnd = false

    init(file: String) throws(DatasetError) {
        self.file = file
        let yaml = try decoded(try wholeFile(file), "the file", file: file, line: 1)
        let root: Node?
        do {
            root = try Yams.compose(yaml: yaml)
        } catch let error as YamlError {
            throw Self.problem(error, file)
        } catch {
            throw DatasetError(file: file, reason: "is no YAML")
        }
        guard let nlu = root?.mapping?["nlu"] else {
            throw DatasetError(
                file: file,
                line: 1,
                reason: "there is no 'nlu:'; is this Rasa's NLU data, version 2 or later?"
            )
        }
        guard let list = nlu.sequence else {
            throw DatasetError(file: file, line: nlu.mark?.line, reason: "'nlu:' is not a list")
        }
        entries = try Self.entries(of: Array(list), file)[...]
    }

    func next() throws(DatasetError) -> RawRow? {
        while rows.isEmpty {
            guard let entry = entries.popFirst() else { return nil }
            rows = try examples(entry.examples, intent: entry.intent)[...]
        }
        return rows.popFirst()
    }

    private static func entries(
        of list: [Node],
        _ file: String,
    ) throws(DatasetError) -> [(intent: String, examples: Node)] {
        var entries: [(intent: String, examples: Node)] = []
        for node in list {
            guard let entry = node.mapping else {
                throw DatasetError(file: file, line: node.mark?.line, reason: "an entry of 'nlu:' is not a mapping")
            }
            guard let name = entry["intent"] else { continue }
            guard let intent = name.scalar?.string, let examples = entry["examples"] else {
                throw DatasetError(
                    file: file,
                    line: node.mark?.line,
                    reason: "an intent needs a name and 'examples:'"
                )
            }
            entries.append((intent, examples))
        }
        return entries
    }

    private func examples(_ node: Node, intent: String) throws(DatasetError) -> [RawRow] {
        if let list = node.sequence {
            var rows: [RawRow] = []
            for item in list {
                let line = item.mark?.line ?? 1
                guard let text = (item.mapping?["text"] ?? item).scalar?.string else {
                    throw DatasetError(file: file, line: line, reason: "an example is neither a text nor has 'text:'")
                }
                rows.append(row(text, intent, line))
            }
            return rows
        }
        let start = node.mark?.line ?? 1
        guard let block = node.scalar?.string else {
            throw DatasetError(file: file, line: start, reason: "'examples:' is neither a text block nor a list")
        }
        // A block's mark is its `|`; the first example stands on the next line.
        let isBlock = node.scalar?.style == .literal || node.scalar?.style == .folded
        var rows: [RawRow] = []
        for (index, line) in block.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let trimmed = line.drop(while: \.isWhitespace)
            if trimmed.isEmpty { continue }
            let number = start + (isBlock ? 1 + index : 0)
            guard trimmed.first == "-" else {
                throw DatasetError(file: file, line: number, reason: "an example begins with '- '")
            }
            rows.append(row(String(trimmed.dropFirst()), intent, number))
        }
        return rows
    }

    private func row(_ text: String, _ intent: String, _ line: Int) -> RawRow {
        RawRow(file: file, line: line, text: Self.withoutEntities(text), intents: [.written(intent)])
    }

    /// Takes `[text](entity)` and `[text]{...}` down to `text`; brackets that are no annotation stay.
    static func withoutEntities(_ text: String) -> String {
        guard text.contains("[") else { return text }
        var plain = ""
        var rest = Substring(text)
        while let open = rest.firstIndex(of: "[") {
            plain += rest[..<open]
            rest = rest[open...]
            guard let close = rest.firstIndex(of: "]"), let annotationEnd = annotationEnd(rest[close...].dropFirst())
            else {
                plain.append("[")
                rest.removeFirst()
                continue
            }
            plain += rest[rest.index(after: rest.startIndex)..<close]
            rest = rest[annotationEnd...]
        }
        return plain + rest
    }

    /// Where an annotation that begins here ends; nil where none begins.
    private static func annotationEnd(_ rest: Substring) -> Substring.Index? {
        let closing: Character
        switch rest.first {
        case "(": closing = ")"
        case "{": closing = "}"
        default: return nil
        }
        return rest.firstIndex(of: closing).map { rest.index(after: $0) }
    }

    private static func problem(_ error: YamlError, _ file: String) -> DatasetError {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            DatasetError(file: file, line: mark.line, reason: "is no YAML: \(problem)")
        case .duplicatedKeysInMapping(_, let context):
            DatasetError(file: file, line: context.mark.line, reason: "a mapping has the same key twice")
        default:
            DatasetError(file: file, reason: "is no YAML")
        }
    }
}
