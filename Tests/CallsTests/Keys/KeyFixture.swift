import Calls
import Core
import Messaging
import Synchronization
import Wire

/// A server that takes clients with keys only, its doorkeeper, and clients on a context of their own.
struct KeyFixture {
    /// Methods that permissions know, with bodies that tell what they were asked.
    static let classify = Method<IntentsRequest, HealthResponse>("switchboard.v1.Router/Classify")
    static let watch = Method<HealthRequest, HealthResponse>("switchboard.v1.Health/Watch", limits: .stream)
    static let purge = Method<HealthRequest, HealthResponse>("switchboard.v1.Index/Purge")
    static let poolPurge = Method<HealthRequest, HealthResponse>("switchboard.v1.Discovery/Purge")

    let ring: KeyRing
    let serverKeys = KeyPair.make()
    let context = MessagingContext()
    let clientContext = MessagingContext()
    let serverLoop = PollLoop(name: "test-server")
    let doorLoop = PollLoop(name: "test-door")
    let clientLoop = PollLoop(name: "test-client")
    let doorkeeper: Doorkeeper
    let server: CallServer
    let address: String
    let acts = Acts()

    final class Acts: Sendable {
        private let list = Mutex<[AuditedAct]>([])
        var all: [AuditedAct] { list.withLock { $0 } }
        func add(_ act: AuditedAct) { list.withLock { $0.append(act) } }

        private let handshakes = Mutex(0)
        /// How many were refused.
        var refusedHandshakes: Int { handshakes.withLock { $0 } }
        func addHandshake() { handshakes.withLock { $0 += 1 } }
    }

    /// - Parameter isFirstHand: whether the log is at hand; else nobody is let in before it was heard from.
    init(
        _ keys: [KeySet],
        limits: ConnectionLimits = ConnectionLimits(),
        isFirstHand: Bool = true,
    ) async throws {
        let ring = KeyRing(isFirstHand: isFirstHand)
        self.ring = ring
        let acts = self.acts
        ring.set(KeyRegister(keys))
        doorkeeper = Doorkeeper(
            loop: doorLoop,
            context: context,
            limits: limits,
            overfull: { handshake, reason in
                acts.add(
                    AuditedAct(.refused, key: nil, address: handshake.address, method: "handshake", reason: reason)
                )
            },
            decide: { handshake in
                switch ring.admission(of: handshake.key) {
                case .admitted: return .admitted
                case .uncertain: return .later
                case .unknown, .revoked:
                    acts.addHandshake()
                    return .refused
                }
            }
        )
        try await doorkeeper.open()
        server = CallServer(
            services: Self.services(),
            loop: serverLoop,
            context: context,
            events: CallEvents(audited: { acts.add($0) }),
            security: ServerSecurity(pair: serverKeys, ring: ring, doorkeeper: doorkeeper)
        )
        _ = try await server.listen(on: "inproc://within")
        address = try await server.listen(on: "tcp://127.0.0.1:*")
    }

    /// As a client has to name it.
    var keyedAddress: String { KeyedAddress(place: address, key: serverKeys.publicKey).description }

    static func services() -> ServiceTable {
        var services = ServiceTable()
        services.unary(classify) { request, _ in
            HealthResponse(status: .serving, reason: request.verticals.map(\.name).joined(separator: ","))
        }
        services.serverStream(watch) { _, writer, _ in
            try await writer.send(HealthResponse(status: .serving))
            try await Task.sleep(for: .seconds(60))
        }
        services.unary(purge) { _, _ in HealthResponse(status: .serving) }
        services.unary(poolPurge) { _, _ in HealthResponse(status: .serving) }
        return services
    }

    static func key(
        _ name: String,
        _ pair: KeyPair,
        _ roles: Set<KeyRole>,
        in verticals: Set<Vertical> = [],
    ) throws -> KeySet {
        KeySet(name: try KeyName(name), publicKey: pair.publicKey, roles: roles, verticals: verticals)
    }

    func channel(_ keys: KeyPair?, to address: String? = nil) -> CallChannel {
        CallChannel(address: address ?? keyedAddress, keys: keys, loop: clientLoop, context: clientContext)
    }

    func classify(_ channel: CallChannel, in verticals: [Vertical] = []) async throws -> String {
        try await channel.call(Self.classify, IntentsRequest(verticals: verticals)).reason
    }

    func close(_ channels: [CallChannel] = []) async {
        for channel in channels { await channel.close() }
        await server.drain(until: .now + .seconds(1))
        await doorkeeper.close()
        clientLoop.stop()
        serverLoop.stop()
        doorLoop.stop()
        clientContext.close()
        context.close()
    }
}
