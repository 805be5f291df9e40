/// A tenant or a business line: 1 to 64 bytes of `[a-z0-9._-]`.
package struct Vertical: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Where pairs go whose writer names no vertical.
    package static let `default` = Vertical(unchecked: "default")

    package let name: String

    /// - Throws: `.invalidArgument`, saying which characters are accepted.
    package init(_ name: String) throws(SwitchboardError) {
        let isAccepted = name.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
        }
        guard isAccepted, (1...64).contains(name.utf8.count) else {
            throw .invalid("a vertical is 1 to 64 characters of a-z, 0-9, '.', '_' and '-'")
        }
        self.name = name
    }

    private init(unchecked name: String) {
        self.name = name
    }

    package static func < (left: Vertical, right: Vertical) -> Bool { left.name < right.name }
    package var description: String { name }
}
