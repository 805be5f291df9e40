/// A host and a port as people write them, `host:port`.
///
/// A checked value. Whether there is such a host it does not know.
package struct HostPort: Hashable, Sendable, CustomStringConvertible {
    /// As written: an IPv6 address stands in brackets, and `*` is every address of the machine.
    package let host: String
    /// 0, which may be written `*`: the system picks one.
    package let port: UInt16

    /// - Parameter written: `host:port`; nil for anything else.
    package init?(_ written: String) {
        guard let colon = written.lastIndex(of: ":") else { return nil }
        let host = written[..<colon]
        let digits = written[written.index(after: colon)...]
        guard !host.isEmpty, !host.contains(where: { $0.isWhitespace || $0 == "/" }) else { return nil }
        if digits == "*" {
            port = 0
        } else {
            guard digits.first != "+", let number = UInt16(digits) else { return nil }
            port = number
        }
        self.host = String(host)
    }

    /// - Parameter address: `tcp://host:port`; nil for anything else.
    package init?(tcp address: String) {
        guard address.hasPrefix("tcp://") else { return nil }
        self.init(String(address.dropFirst(6)))
    }

    /// The host without brackets, as a resolver takes it.
    package var name: String { host.filter { $0 != "[" && $0 != "]" } }

    package var description: String { "\(host):\(port)" }
}
