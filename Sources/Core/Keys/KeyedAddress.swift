/// Where a server is and who it is: `tcp://host:port#PUBLICKEY`, or without a key where none are used.
///
/// A checked value as to the key; the place before it is libzmq's to read.
package struct KeyedAddress: Hashable, Sendable, CustomStringConvertible {
    /// As libzmq takes it.
    package let place: String
    /// The server's; nil: it is spoken to without keys.
    package let key: PublicKey?

    package init(place: String, key: PublicKey?) {
        self.place = place
        self.key = key
    }

    /// - Throws: `.invalidArgument` where what stands behind the `#` is no public key.
    package init(_ written: String) throws(SwitchboardError) {
        // No host has a '#' in its name, and a path may.
        let mark: String.Index?
        if written.hasPrefix("ipc://") {
            let start = written.utf8.index(
                written.endIndex,
                offsetBy: -PublicKey.writtenCount - 1,
                limitedBy: written.startIndex
            )
            mark = start.flatMap { written.utf8[$0] == UInt8(ascii: "#") ? $0 : nil }
        } else {
            mark = written.firstIndex(of: "#")
        }
        guard let mark else {
            self.init(place: written, key: nil)
            return
        }
        let text = written[written.index(after: mark)...]
        guard let key = PublicKey(text) else {
            throw .invalid(
                "behind the '#' of \(written[..<mark]) stands no public key, which is \(PublicKey.writtenCount) characters "
                    + "as the node prints them; a shell wants the address in single quotes"
            )
        }
        self.init(place: String(written[..<mark]), key: key)
    }

    package var description: String { key.map { "\(place)#\($0)" } ?? place }
}
