/// Why bytes are not the JSON that was expected, and where.
struct JSONError: Error {
    /// Counted from 0.
    let offset: Int
    let reason: String
    /// The bytes ended before the value did.
    let isCutOff: Bool
}

/// Walks through JSON (RFC 8259) value by value without building a tree: the caller asks for what it expects and skips
/// the rest, so a line costs no more than the strings that are wanted.
///
/// A value; strict about grammar, escapes and UTF-8 of what it hands out, and about nesting (64 levels).
struct JSONScanner {
    static let maximumDepth = 64

    /// What the next value is.
    enum Kind: String {
        case string = "a string"
        case number = "a number"
        case object = "an object"
        case array = "an array"
        case boolean = "true or false"
        case null = "null"
    }

    private let bytes: [UInt8]
    private(set) var position = 0
    private var depth = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// What comes next, without consuming it.
    mutating func peek() throws(JSONError) -> Kind {
        skipSpace()
        guard position < bytes.count else { throw cutOff() }
        switch bytes[position] {
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .boolean
        case UInt8(ascii: "n"): return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        default: throw wrong("a JSON value is expected")
        }
    }

    /// Enters an array that is read piece by piece with `nextElement`.
    mutating func enterArray() throws(JSONError) { try enter(UInt8(ascii: "["), "an array") }

    /// Whether another element follows; leaves the array where none does.
    mutating func nextElement(isFirst: Bool) throws(JSONError) -> Bool {
        try hasNext(closing: UInt8(ascii: "]"), isFirst: isFirst)
    }

    /// Enters an object that is read piece by piece with `nextKey`.
    mutating func enterObject() throws(JSONError) { try enter(UInt8(ascii: "{"), "an object") }

    /// The next member's key; nil, having left the object, where none follows.
    mutating func nextKey(isFirst: Bool) throws(JSONError) -> String? {
        guard try hasNext(closing: UInt8(ascii: "}"), isFirst: isFirst) else { return nil }
        let key = try string()
        skipSpace()
        guard position < bytes.count else { throw cutOff() }
        guard bytes[position] == UInt8(ascii: ":") else { throw wrong("a colon is expected after a key") }
        position += 1
        return key
    }

    mutating func string() throws(JSONError) -> String {
        skipSpace()
        guard position < bytes.count else { throw cutOff() }
        guard bytes[position] == UInt8(ascii: "\"") else { throw wrong("a string is expected") }
        let start = position + 1
        let end = try plainRun(from: start)
        if bytes[end] == UInt8(ascii: "\"") {
            position = end + 1
            guard let string = String(validating: bytes[start..<end], as: UTF8.self) else {
                throw JSONError(offset: start, reason: "a string is not valid UTF-8", isCutOff: false)
            }
            return string
        }
        return try stringWithEscapes(from: start, firstEscape: end)
    }

    /// The number as it is written.
    mutating func number() throws(JSONError) -> String {
        skipSpace()
        let start = position
        take(UInt8(ascii: "-"))
        let whole = digits()
        guard whole.count > 0, whole.count == 1 || bytes[whole.lowerBound] != UInt8(ascii: "0") else {
            throw position < bytes.count || whole.count > 0 ? wrong("a number is malformed") : cutOff()
        }
        if take(UInt8(ascii: ".")), digits().isEmpty { throw wrong("a number is malformed") }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { take(UInt8(ascii: "-")) }
            if digits().isEmpty { throw wrong("a number is malformed") }
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    /// Passes over the next value, whatever it is.
    mutating func skip() throws(JSONError) {
        switch try peek() {
        case .string: _ = try string()
        case .number: _ = try number()
        case .boolean: try word(bytes[position] == UInt8(ascii: "t") ? "true" : "false")
        case .null: try word("null")
        case .array:
            try enterArray()
            var isFirst = true
            while try nextElement(isFirst: isFirst) {
                isFirst = false
                try skip()
            }
        case .object:
            try enterObject()
            var isFirst = true
            while try nextKey(isFirst: isFirst) != nil {
                isFirst = false
                try skip()
            }
        }
    }

    /// Checks that nothing but white space follows.
    mutating func end() throws(JSONError) {
        skipSpace()
        guard position == bytes.count else { throw wrong("something follows the JSON value") }
    }

    // MARK: - Pieces

    private mutating func enter(_ opening: UInt8, _ what: String) throws(JSONError) {
        skipSpace()
        guard position < bytes.count else { throw cutOff() }
        guard bytes[position] == opening else { throw wrong("\(what) is expected") }
        guard depth < Self.maximumDepth else { throw wrong("more than \(Self.maximumDepth) levels of nesting") }
        depth += 1
        position += 1
    }

    private mutating func hasNext(closing: UInt8, isFirst: Bool) throws(JSONError) -> Bool {
        skipSpace()
        guard position < bytes.count else { throw cutOff() }
        if bytes[position] == closing {
            position += 1
            depth -= 1
            return false
        }
        if isFirst { return true }
        guard bytes[position] == UInt8(ascii: ",") else { throw wrong("a comma or the closing bracket is expected") }
        position += 1
        return true
    }

    /// The end of the bytes from `start` on that stand for themselves: at a quote or a backslash.
    private func plainRun(from start: Int) throws(JSONError) -> Int {
        var end = start
        while end < bytes.count {
            let byte = bytes[end]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return end }
            guard byte >= 0x20 else {
                throw JSONError(offset: end, reason: "a string holds an unescaped control character", isCutOff: false)
            }
            end += 1
        }
        throw JSONError(offset: end, reason: "it ends inside a string", isCutOff: true)
    }

    private mutating func stringWithEscapes(from start: Int, firstEscape: Int) throws(JSONError) -> String {
        var text = Array(bytes[start..<firstEscape])
        position = firstEscape
        while bytes[position] == UInt8(ascii: "\\") {
            position += 1
            guard position < bytes.count else { throw cutOff() }
            let escape = bytes[position]
            position += 1
            switch escape {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(escape)
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "f"): text.append(0x0C)
            case UInt8(ascii: "n"): text.append(0x0A)
            case UInt8(ascii: "r"): text.append(0x0D)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "u"): text.append(contentsOf: String(try escapedScalar()).utf8)
            default: throw wrong("an unknown escape in a string")
            }
            let end = try plainRun(from: position)
            text.append(contentsOf: bytes[position..<end])
            position = end
        }
        position += 1
        guard let string = String(validating: text, as: UTF8.self) else {
            throw JSONError(offset: start, reason: "a string is not valid UTF-8", isCutOff: false)
        }
        return string
    }

    /// What follows `\u`, with the second half of a surrogate pair.
    private mutating func escapedScalar() throws(JSONError) -> Unicode.Scalar {
        let unit = try fourDigits()
        if let scalar = Unicode.Scalar(UInt32(unit)) { return scalar }
        guard UTF16.isLeadSurrogate(unit), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
            throw wrong("half a surrogate pair in a string")
        }
        let second = try fourDigits()
        guard UTF16.isTrailSurrogate(second) else { throw wrong("half a surrogate pair in a string") }
        let value = 0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(second) - 0xDC00)
        guard let scalar = Unicode.Scalar(value) else { throw wrong("half a surrogate pair in a string") }
        return scalar
    }

    private mutating func fourDigits() throws(JSONError) -> UInt16 {
        guard position + 4 <= bytes.count else { throw cutOff() }
        let digits = bytes[position..<position + 4]
        var value: UInt16 = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt16(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt16(digit - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 | UInt16(digit - UInt8(ascii: "A") + 10)
            default: throw wrong("a \\u escape needs four hexadecimal digits")
            }
        }
        position += 4
        return value
    }

    private mutating func word(_ expected: String) throws(JSONError) {
        for byte in expected.utf8 {
            guard position < bytes.count else { throw cutOff() }
            guard bytes[position] == byte else { throw wrong("a JSON value is expected") }
            position += 1
        }
    }

    private mutating func digits() -> Range<Int> {
        let start = position
        while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) {
            position += 1
        }
        return start..<position
    }

    @discardableResult
    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    private func wrong(_ reason: String) -> JSONError {
        JSONError(offset: position, reason: reason, isCutOff: false)
    }

    private func cutOff() -> JSONError {
        JSONError(offset: position, reason: "it ends inside a value", isCutOff: true)
    }
}
