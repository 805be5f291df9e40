package import Core
package import Messaging

/// With what a server takes clients that have keys, and no others but those of its own process.
package struct ServerSecurity: Sendable {
    let pair: KeyPair
    let ring: KeyRing
    let doorkeeper: Doorkeeper

    /// - Parameters:
    ///   - pair: the server's own.
    ///   - doorkeeper: open, and of the same context as the server.
    package init(pair: KeyPair, ring: KeyRing, doorkeeper: Doorkeeper) {
        self.pair = pair
        self.ring = ring
        self.doorkeeper = doorkeeper
    }
}
