/// ZeroMQ's base 85: five printable characters for four bytes, as its RFC 32 writes it.
///
/// Its characters are none of quote, backslash, comma and white space; `#`, `$` and `&` are among them, so that a shell
/// wants them in single quotes.
package enum Z85 {
    private static let characters = Array(
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#".utf8
    )
    /// What a character stands for; 255: nothing.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, character) in characters.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()

    /// - Parameter bytes: a multiple of four.
    package static func encode(_ bytes: [UInt8]) -> String {
        precondition(bytes.count.isMultiple(of: 4), "Z85 writes whole groups of four bytes")
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count / 4 * 5)
        for start in stride(from: 0, to: bytes.count, by: 4) {
            let number = bytes[start..<start + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            for divisor: UInt32 in [52_200_625, 614_125, 7_225, 85, 1] {
                text.append(characters[Int(number / divisor % 85)])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// - Returns: nil for what is not Z85, or stands for a number of more than 32 bits.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let written = Array(text.utf8)
        guard written.count.isMultiple(of: 5) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(written.count / 5 * 4)
        for start in stride(from: 0, to: written.count, by: 5) {
            var number: UInt64 = 0
            for character in written[start..<start + 5] {
                let value = values[Int(character)]
                guard value != 255 else { return nil }
                number = number * 85 + UInt64(value)
            }
            guard let group = UInt32(exactly: number) else { return nil }
            withUnsafeBytes(of: group.bigEndian) { bytes.append(contentsOf: $0) }
        }
        return bytes
    }
}
