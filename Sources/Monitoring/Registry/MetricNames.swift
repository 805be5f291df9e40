/// Names in the form that the text format allows.
enum MetricNames {
    /// `[a-zA-Z_:][a-zA-Z0-9_:]*`; anything else, such as the dots of other libraries, becomes `_`.
    static func metric(_ name: String) -> String {
        formed(name, allowsColon: true)
    }

    /// `[a-zA-Z_][a-zA-Z0-9_]*`. What the format keeps for itself, `le` and a leading `__`, gets `label` in front.
    static func label(_ name: String) -> String {
        let formed = formed(name, allowsColon: false)
        return formed == "le" || formed.hasPrefix("__") ? "label_" + formed : formed
    }

    private static func formed(_ name: String, allowsColon: Bool) -> String {
        let isFormed = !name.isEmpty && name.utf8.enumerated().allSatisfy { isAllowed($1, at: $0, allowsColon) }
        if isFormed { return name }
        let start = name.utf8.first.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? true
        let bytes = (start ? [UInt8(ascii: "_")] : []) + name.utf8.map { isAllowed($0, at: 1, allowsColon) ? $0 : 0x5F }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isAllowed(_ byte: UInt8, at place: Int, _ allowsColon: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): place > 0
        case UInt8(ascii: ":"): allowsColon
        default: false
        }
    }
}
