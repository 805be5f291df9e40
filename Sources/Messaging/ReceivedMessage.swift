internal import CZeroMQ

/// A message as it came in.
package struct ReceivedMessage: Sendable {
    package let frames: [[UInt8]]
    /// There were more frames, which are gone.
    package let isCut: Bool
    package let sender: Sender
}

/// Who sent a message, as libzmq knows it from the handshake of the connection that it came over.
package enum Sender: Sendable, Equatable {
    /// The socket takes clients without keys, and does not ask.
    case unknown
    /// Of this process, over inproc.
    case local
    /// Whoever has this key: 40 characters of Z85. The address is without a port; `local` for a path on this machine.
    case key(String, address: String)
    /// Somebody at another end of a connection that nobody let in.
    case stranger(address: String)

    init(of message: inout zmq_msg_t) {
        let user = Self.property("User-Id", of: &message) ?? ""
        // What came over a connection has an address, also where it has no user.
        guard let address = Self.property("Peer-Address", of: &message) else {
            self = user.isEmpty && Self.property("Socket-Type", of: &message) == nil ? .local : .stranger(address: "")
            return
        }
        let place = Self.place(address)
        self = user.isEmpty ? .stranger(address: place) : .key(user, address: place)
    }

    /// - Parameter address: as libzmq writes it: numeric, or for a path some word with user and process.
    /// - Returns: `local` for a path.
    static func place(_ address: String) -> String {
        address.isEmpty || address.hasPrefix(":") || address.hasPrefix("localhost") ? onThisMachine : address
    }

    static let onThisMachine = "local"

    private static func property(_ name: String, of message: inout zmq_msg_t) -> String? {
        zmq_msg_gets(&message, name).map { String(cString: $0) }
    }
}
