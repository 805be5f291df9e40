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
        var string = string
        let isASCII = string.utf8.allSatisfy { $0 < 0x80 }
        if !isASCII {
            string = string.precomposedStringWithCanonicalMapping
        }
        var scalars = String.UnicodeScalarView()
        var pendingSpace = false
        for scalar in string.unicodeScalars {
            guard scalar.value != 0 else {
                throw .invalid("the text holds a NUL character")
            }
            if scalar.properties.isWhitespace || scalar.properties.generalCategory == .control {
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
                "the text has \(normalised.utf8.count) bytes in NFC; at most \(Self.maximumBytes) are accepted")
        }
        value = normalised
    }

    package var description: String { value }
    package var bytes: [UInt8] { Array(value.utf8) }
}
