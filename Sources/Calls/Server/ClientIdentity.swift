package import Core

/// Whom a server counts a call to, where each is to get its share.
package struct ClientIdentity: Hashable, Sendable {
    private enum Holder: Hashable, Sendable {
        case socket([UInt8])
        case key(KeyName)
    }

    private let holder: Holder

    /// Whoever has a socket's id.
    package init(_ bytes: [UInt8]) {
        holder = .socket(bytes)
    }

    /// Whoever shows a key, on however many sockets.
    package init(_ name: KeyName) {
        holder = .key(name)
    }

    /// Of calls that a node makes by itself.
    package static let none = ClientIdentity([])
}

extension CallServer {
    /// Who sent a message: the holder of its key; where it shows none, its socket. The one place that says so.
    func clientIdentity(of route: [[UInt8]], by caller: Caller) -> ClientIdentity {
        caller.access.map { ClientIdentity($0.name) } ?? ClientIdentity(route[0])
    }
}
