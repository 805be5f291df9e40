package import Core

/// How the bytes of a change id are written for people: as text, or in hexadecimal where they are none.
package enum ChangeName {
    private static let mark = "0x"

    package static func text(_ bytes: [UInt8]) -> String {
        guard let text = String(validating: bytes, as: UTF8.self), !text.isEmpty, !text.hasPrefix(mark),
            text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) })
        else { return mark + hexadecimal(bytes) }
        return text
    }

    /// - Throws: `.invalidArgument` for what is no change id.
    package static func bytes(_ text: String) throws(SwitchboardError) -> [UInt8] {
        var bytes = Array(text.utf8)
        if text.hasPrefix(mark) {
            let digits = Array(text.dropFirst(mark.count))
            bytes = stride(from: 0, to: digits.count - 1, by: 2).compactMap {
                UInt8(String(digits[$0...($0 + 1)]), radix: 16)
            }
            guard bytes.count * 2 == digits.count else {
                throw .invalid("a change id that begins with 0x goes on with pairs of hexadecimal digits")
            }
        }
        guard (1...AppendBatch.maximumOperationBytes).contains(bytes.count) else {
            throw .invalid(
                "a change id has 1 to \(AppendBatch.maximumOperationBytes) bytes, this one has \(bytes.count)"
            )
        }
        return bytes
    }
}
