/// Where an intent stands in its vertical's hierarchy: 1 to 8 levels, coarse to fine, each 1 to 64 bytes of normalised
/// text.
///
/// Written with `/` between levels and `%2F` for a slash inside a level.
package struct IntentPath: Hashable, Sendable, Comparable, CustomStringConvertible {
    package static let maximumDepth = 8
    package static let maximumLevelBytes = 64

    package let levels: [String]

    /// - Throws: `.invalidArgument` for no level, more than 8, or one that is empty, too long or not clean text.
    package init(levels: [String]) throws(SwitchboardError) {
        guard (1...Self.maximumDepth).contains(levels.count) else {
            throw .invalid("an intent path has 1 to \(Self.maximumDepth) levels, this one has \(levels.count)")
        }
        var clean: [String] = []
        clean.reserveCapacity(levels.count)
        for level in levels {
            guard !level.isEmpty else {
                throw .invalid("an intent path has an empty level; write level/level/... without doubled slashes")
            }
            // The control characters of Unicode, U+0000 to U+001F and U+007F to U+009F, by their scalars.
            guard !level.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }) else {
                throw .invalid("a level of the intent path holds a control character")
            }
            let text: UtteranceText
            do {
                text = try UtteranceText(level)
            } catch {
                throw .invalid("a level of the intent path is not usable: \(error.message)")
            }
            guard text.value.utf8.count <= Self.maximumLevelBytes else {
                throw .invalid(
                    "a level of the intent path has \(text.value.utf8.count) bytes; "
                        + "at most \(Self.maximumLevelBytes) are accepted"
                )
            }
            clean.append(text.value)
        }
        self.levels = clean
    }

    /// Reads the written form, `level/level/...`.
    package init(_ written: String) throws(SwitchboardError) {
        // In ASCII a slash is a character by itself, so that bytes can be split, which is far cheaper.
        if written.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) {
            let parts = written.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            try self.init(levels: parts.map { Self.unescape(String(Substring($0))) })
            return
        }
        // By scalars: a slash that a combining mark follows is no character by itself, and ends a level all the same.
        let parts = written.unicodeScalars.split(separator: "/", omittingEmptySubsequences: false)
        try self.init(levels: parts.map { Self.unescape(String($0)) })
    }

    /// Reads the written form from bytes that came over the wire.
    package init(validating bytes: some Collection<UInt8>) throws(SwitchboardError) {
        guard let string = String(validating: bytes, as: UTF8.self) else {
            throw .invalid("an intent path is not valid UTF-8")
        }
        try self.init(string)
    }

    private init(unchecked levels: [String]) {
        self.levels = levels
    }

    package var depth: Int { levels.count }

    /// The path one level up; nil at the top.
    package var parent: IntentPath? {
        levels.count > 1 ? IntentPath(unchecked: Array(levels.dropLast())) : nil
    }

    /// This path and all above it, coarsest first.
    package var lineage: [IntentPath] {
        (1...levels.count).map { IntentPath(unchecked: Array(levels.prefix($0))) }
    }

    /// Whether this path is `ancestor` or lies below it.
    package func isWithin(_ ancestor: IntentPath) -> Bool {
        levels.starts(with: ancestor.levels)
    }

    /// The path with what it has in common with `ancestor` exchanged for another.
    ///
    /// - Returns: nil where it does not lie within `ancestor`, or would have more than 8 levels.
    package func moved(from ancestor: IntentPath, to place: IntentPath) -> IntentPath? {
        let moved = place.levels + self.levels.dropFirst(ancestor.depth)
        guard isWithin(ancestor), moved.count <= Self.maximumDepth else { return nil }
        return IntentPath(unchecked: moved)
    }

    /// As the language model reads it: levels joined by ` / `, `_` and `-` as spaces.
    package var spoken: String {
        levels.map { level in String(level.map { $0 == "_" || $0 == "-" ? " " : $0 }) }.joined(separator: " / ")
    }

    package var description: String {
        levels.map(Self.escape).joined(separator: "/")
    }

    package static func < (left: IntentPath, right: IntentPath) -> Bool {
        left.levels.lexicographicallyPrecedes(right.levels)
    }

    // '%' becomes '%25' only where it would read as an escape, so ordinary names with a percent sign stay as they are.
    private static func escape(_ level: String) -> String {
        guard level.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "%") }) else { return level }
        var written = String.UnicodeScalarView()
        var rest = level.unicodeScalars[...]
        while let first = rest.popFirst() {
            if first == "/" {
                written.append(contentsOf: "%2F".unicodeScalars)
            } else if first == "%", ["2F", "2f", "25"].contains(where: { rest.starts(with: $0.unicodeScalars) }) {
                written.append(contentsOf: "%25".unicodeScalars)
            } else {
                written.append(first)
            }
        }
        return String(written)
    }

    private static func unescape(_ level: String) -> String {
        guard level.utf8.contains(UInt8(ascii: "%")) else { return level }
        var plain = String.UnicodeScalarView()
        var rest = level.unicodeScalars[...]
        while let first = rest.popFirst() {
            if first == "%", rest.starts(with: "2F".unicodeScalars) || rest.starts(with: "2f".unicodeScalars) {
                plain.append("/")
                rest.removeFirst(2)
            } else if first == "%", rest.starts(with: "25".unicodeScalars) {
                plain.append("%")
                rest.removeFirst(2)
            } else {
                plain.append(first)
            }
        }
        return String(plain)
    }
}
