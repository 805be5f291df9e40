internal import Foundation

/// Text of a caller or a label as everything inside works with it: valid UTF-8 in NFC, white space trimmed and
/// collapsed to single spaces, other control characters replaced by a space, case kept, 1 byte to 8 KiB.
///
/// Two texts that are equal after this are the same text: exemplar ids are made from it.
package struct UtteranceText: Hashable, Sendable, CustomStringConvertible {
    /// Bytes of UTF-8 that a text may have before and after normalisation.
    package static let maximumBytes = 8 * 1024

    package let value: String

    /// - Parameter bytes: what came in, not yet trusted.
    /// - Throws: `.invalidArgument` for invalid UTF-8, NUL, more than 8 KiB, or nothing but white space.
    package init(validating bytes: some Collection<UInt8>) throws(SwitchboardError) {
        guard bytes.count <= Self.maximumBytes else {
            throw .invalid("the text has \(bytes.count) bytes; at most \(Self.maximumBytes) are accepted")
        }
        guard let string = String(validating: bytes, as: UTF8.self) else {
            throw .invalid("the text is not valid UTF-8")
        }
        try self.init(string)
    }

    /// - Throws: `.invalidArgument` for NUL, more than 8 KiB, or nothing but white space.
    package init(_ string: String) throws(SwitchboardError) {
        if Self.isPlain(string.utf8) {
            value = string
            return
        }
        var string = string
        // No character below U+0300 changes under NFC unless a combining one, which lies above, follows it.
        if string.unicodeScalars.contains(where: { $0.value >= 0x300 }) {
            string = string.precomposedStringWithCanonicalMapping
        }
        var scalars = String.UnicodeScalarView()
        var pendingSpace = false
        for scalar in string.unicodeScalars {
            guard scalar.value != 0 else {
                throw .invalid("the text holds a NUL character")
            }
            if Self.isSpaceOrControl(scalar) {
                pendingSpace = !scalars.isEmpty
                continue
            }
            if pendingSpace {
                scalars.append(" ")
                pendingSpace = false
            }
            scalars.append(scalar)
        }
        guard !scalars.isEmpty else {
            throw .invalid("the text is empty or only white space")
        }
        let normalised = String(scalars)
        guard normalised.utf8.count <= Self.maximumBytes else {
            throw .invalid(
                "the text has \(normalised.utf8.count) bytes in NFC; at most \(Self.maximumBytes) are accepted"
            )
        }
        value = normalised
    }

    /// Whether a text is as it should be already: printable ASCII, single spaces, none at the ends.
    private static func isPlain(_ bytes: String.UTF8View) -> Bool {
        guard (1...maximumBytes).contains(bytes.count) else { return false }
        var previous = UInt8(ascii: " ")
        for byte in bytes {
            guard (0x20...0x7E).contains(byte), byte != 0x20 || previous != 0x20 else { return false }
            previous = byte
        }
        return previous != 0x20
    }

    /// White space by Unicode's property, or a control character (general category Cc, which is U+0000 to U+001F and
    /// U+007F to U+009F).
    private static func isSpaceOrControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0...0x20, 0x7F...0xA0: true
        case 0x21...0x7E: false
        default: scalar.properties.isWhitespace
        }
    }

    package var description: String { value }
    package var bytes: [UInt8] { Array(value.utf8) }
}
