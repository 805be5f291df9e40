/// What people call a key: 1 to 64 bytes of `[A-Za-z0-9._@-]`.
package struct KeyName: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let text: String

    /// - Throws: `.invalidArgument`, saying which characters are accepted.
    package init(_ text: String) throws(SwitchboardError) {
        let isAccepted = text.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || [UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "@"), UInt8(ascii: "-")].contains(byte)
        }
        guard isAccepted, (1...64).contains(text.utf8.count) else {
            throw .invalid("a key's name is 1 to 64 characters of a-z, A-Z, 0-9, '.', '_', '@' and '-'", field: "name")
        }
        self.text = text
    }

    package static func < (left: KeyName, right: KeyName) -> Bool { left.text < right.text }
    package var description: String { text }
}
