import Core
import Foundation
import Glibc

/// Where a service of a node is reached: `tcp://host:port`, or `ipc://path` on this machine.
///
/// A checked value. Whether anybody answers there it does not know.
struct NodeAddress: Equatable, Sendable {
    /// As written: with the node's public key behind a `#`, where it uses keys.
    let text: String
    /// The node's; nil: it uses none.
    let key: PublicKey?
    /// What named it, such as `--connect`.
    private let origin: String
    /// Nil: it is a path.
    private let place: HostPort?

    /// - Throws: of usage, with what is accepted.
    init(_ written: String, from origin: String) throws(CommandFailure) {
        text = written
        self.origin = origin
        let keyed: KeyedAddress
        do {
            keyed = try KeyedAddress(written)
        } catch {
            throw CommandFailure("\(origin): \(error.message)", exitCode: CommandFailure.usage)
        }
        key = keyed.key
        if keyed.place.hasPrefix("ipc://"), keyed.place.utf8.count > 6 {
            self.place = nil
            return
        }
        guard let place = HostPort(tcp: keyed.place), place.port > 0 else {
            throw CommandFailure(
                "'\(keyed.place)' of \(origin) is no address; write tcp://host:port, such as tcp://127.0.0.1:7700",
                exitCode: CommandFailure.usage
            )
        }
        self.place = place
    }

    /// The index of the node whose router listens here: a node's ports lie side by side. Nil where there is no port, or
    /// none above it. They have one key.
    var updaterBeside: String? { beside(2) }

    /// The clusterer of the node whose router listens here; nil likewise.
    var discoveryBeside: String? { beside(3) }

    private func beside(_ offset: UInt16) -> String? {
        guard let place, place.port <= UInt16.max - offset else { return nil }
        return KeyedAddress(place: "tcp://\(place.host):\(place.port + offset)", key: key).description
    }

    /// - Throws: where the host's name has no address. libzmq would only try again, and call that refused.
    func requireHost() throws(CommandFailure) {
        guard let place else { return }
        let name = place.name
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(name, nil, &hints, &found)
        if let found { freeaddrinfo(found) }
        guard status == 0 else {
            throw CommandFailure(
                "the host '\(name)' in tcp://\(place) (\(origin)) cannot be found: \(String(cString: gai_strerror(status)))",
                exitCode: CommandFailure.unavailable
            )
        }
    }
}
