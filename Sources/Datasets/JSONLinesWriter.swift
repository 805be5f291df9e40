package import Core

/// Writes rows as `jsonl`, in one fixed form: what it writes, `DatasetReader` reads, and writing that again gives the
/// same bytes.
///
/// A value without input or output.
package enum JSONLinesWriter {
    /// One row with its line end. Keys stand in the order text, intent, vertical, role, conversation, origin; absent
    /// ones are left out.
    package static func line(_ row: LabelledUtterance) -> String {
        line(
            text: row.text,
            path: row.path,
            vertical: row.vertical,
            role: row.role,
            conversation: row.conversation,
            origin: row.origin
        )
    }

    /// The same for who has no row.
    package static func line(
        text: UtteranceText,
        path: IntentPath?,
        vertical: Vertical? = nil,
        role: SpeakerRole? = nil,
        conversation: String? = nil,
        origin: String? = nil,
    ) -> String {
        var line = "{\"text\": "
        append(text.value, to: &line)
        func member(_ key: String, _ value: String?) {
            guard let value else { return }
            line += ", \"\(key)\": "
            append(value, to: &line)
        }
        member("intent", path?.description)
        member("vertical", vertical?.name)
        member("role", role?.rawValue)
        member("conversation", conversation)
        member("origin", origin)
        return line + "}\n"
    }

    private static func append(_ value: String, to line: inout String) {
        line.append("\"")
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": line += "\\\""
            case "\\": line += "\\\\"
            case "\n": line += "\\n"
            case "\r": line += "\\r"
            case "\t": line += "\\t"
            case "\u{0}"..<"\u{20}":
                let digits = String(scalar.value, radix: 16)
                line += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: line.unicodeScalars.append(scalar)
            }
        }
        line.append("\"")
    }
}
