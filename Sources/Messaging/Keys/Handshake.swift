package import Core

/// A client that has proved which key it holds and asks to be let in.
package struct Handshake: Sendable, Equatable {
    package let key: PublicKey
    /// Of the other end; `local` for a path on this machine.
    package let address: String
}

/// What becomes of a handshake.
package enum HandshakeVerdict: Sendable, Equatable {
    case admitted
    /// The connection is closed at once.
    case refused
    /// The client is to try again; its connection is dropped when the time for handshakes is over.
    case later
}

/// What a server's connections may take.
package struct ConnectionLimits: Sendable {
    package var perKey = 256
    package var perAddress = 1_024

    package init() {}
}
