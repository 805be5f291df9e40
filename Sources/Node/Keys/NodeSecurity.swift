internal import Calls
internal import Core
internal import Messaging

/// With what a node that uses keys meets the world: its own pair, the keys that it knows, and who answers at the door.
///
/// Opened before the servers listen, closed when they have closed.
final class NodeSecurity: Sendable {
    let pair: KeyPair
    let ring: KeyRing
    private let loop = PollLoop(name: "sb-door")
    private let doorkeeper: Doorkeeper

    /// - Parameters:
    ///   - ring: fed by whoever follows the log.
    ///   - audit: gets those who were not let in.
    init(pair: KeyPair, ring: KeyRing, context: MessagingContext, audit: AuditLog) {
        self.pair = pair
        self.ring = ring
        @Sendable func refuse(_ handshake: Handshake, _ key: KeyName?, _ reason: String) {
            audit.write(
                AuditedAct(.refused, key: key, address: handshake.address, method: "handshake", reason: reason)
            )
        }
        doorkeeper = Doorkeeper(
            loop: loop,
            context: context,
            overfull: { handshake, reason in refuse(handshake, ring.name(of: handshake.key), reason) },
            decide: { handshake in
                switch ring.admission(of: handshake.key) {
                case .admitted: return .admitted
                case .unknown:
                    refuse(handshake, nil, "no such key: \(handshake.key)")
                    return .refused
                case .revoked(let name):
                    refuse(handshake, name, "the key was revoked")
                    return .refused
                case .uncertain:
                    refuse(handshake, ring.name(of: handshake.key), "the log is not followed at the moment")
                    return .later
                }
            }
        )
    }

    var server: ServerSecurity { ServerSecurity(pair: pair, ring: ring, doorkeeper: doorkeeper) }

    /// An address as clients are to name it.
    func published(_ address: String) -> String { KeyedAddress(place: address, key: pair.publicKey).description }

    func open() async throws(SwitchboardError) { try await doorkeeper.open() }

    func close() async {
        await doorkeeper.close()
        loop.stop()
    }
}
