/// Whom a server counts a call to, where each is to get its share.
package struct ClientKey: Hashable, Sendable {
    private let bytes: [UInt8]

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Of calls that a node makes by itself.
    package static let none = ClientKey([])
}

extension CallServer {
    /// Who sent a message: its socket, as long as nothing better is known. The one place that says so.
    func clientKey(of route: [[UInt8]]) -> ClientKey { ClientKey(route[0]) }
}
