internal import Calls
internal import Core
internal import Glibc
internal import Messaging
internal import Wire

/// Finds out whether the addresses that a node would listen on are free, and who has them where they are not.
struct PortChecks {
    /// Whether a node holds the data directory: then its ports are taken, as they should be.
    let isNodeRunning: Bool
    /// The own pair of that node; nil: it has none, or this user may not read it.
    let pair: KeyPair?
    /// Whether nothing tells if a node of this configuration runs: it has no data directory to hold.
    var mayBeThisNode = false
    /// Whether a node answers where this configuration has metrics and health.
    var isNodeAtHTTP = false

    /// - Parameter address: `tcp://host:port` or `ipc://path`.
    func check(_ name: String, _ address: String) async -> DoctorCheck {
        guard let socket = SocketAddress(tcp: address) else { return await checkFile(name, address) }
        guard socket.port != 0 else { return .ok(name, "\(address): the system picks a free one") }
        switch socket.tryToBind() {
        case .free:
            guard isNodeRunning else { return .ok(name, "\(address) is free") }
            return .warning(
                name,
                "a node runs on the data directory, but \(address) is free: it listens elsewhere",
                remedy: "give its addresses to doctor too, with --listen"
            )
        case .taken: return taken(name, address, await ask(socket.connectable))
        case .refused(let reason, let remedy): return .problem(name, "\(address): \(reason)", remedy: remedy)
        }
    }

    /// - Parameter address: `host:port`.
    func checkHTTP(_ address: String) async -> DoctorCheck {
        let name = "HTTP port"
        guard let socket = SocketAddress(tcp: "tcp://" + address) else {
            return .problem(name, "\(address) is no address", remedy: "write host:port, or --listen http=none")
        }
        guard socket.port != 0 else { return .ok(name, "\(address): the system picks a free one") }
        switch socket.tryToBind() {
        case .free: return .ok(name, "\(address) is free")
        case .taken:
            let isNode = Self.isNode(at: socket)
            return taken(name, address, isNode ? .serving : .stranger("something else answers there"))
        case .refused(let reason, let remedy): return .problem(name, "\(address): \(reason)", remedy: remedy)
        }
    }

    /// - Parameter address: `host:port`; nil: there is none.
    static func isNode(atHTTP address: String?) -> Bool {
        guard let address, let socket = SocketAddress(tcp: "tcp://" + address), socket.port != 0 else { return false }
        return isNode(at: socket)
    }

    private static func isNode(at socket: SocketAddress) -> Bool { socket.get("/metrics").contains("switchboard_") }

    // MARK: Who is there

    private enum Answer {
        case serving
        /// The node that has the pair, to clients with keys only.
        case guarded
        case notServing(String)
        case stranger(String)
    }

    private func taken(_ name: String, _ address: String, _ answer: Answer) -> DoctorCheck {
        let elsewhere = "stop it, or listen elsewhere with --listen"
        switch answer {
        case .serving where isNodeRunning: return .ok(name, "\(address): the node answers")
        case .notServing(let reason) where isNodeRunning:
            return .warning(
                name,
                "\(address): the node does not serve: \(reason)",
                remedy: "see its log; right after a start this passes by itself"
            )
        case .guarded where isNodeRunning:
            return .ok(name, "\(address): the node answers, to clients with keys only")
        case .serving, .notServing, .guarded:
            if mayBeThisNode { return .ok(name, "\(address): \(Self.perhapsThis)") }
            return .problem(
                name,
                "\(address) is taken by a Switchboard node with another data directory",
                remedy: elsewhere
            )
        case .stranger where mayBeThisNode && isNodeAtHTTP:
            return .ok(
                name,
                "\(address) is taken, most likely by the Switchboard node that answers HTTP here; perhaps this one"
            )
        case .stranger(let reason):
            return .problem(
                name,
                "\(address) is taken by another program (\(reason))",
                remedy: "\(elsewhere); which it is says: ss -ltnp"
            )
        }
    }

    private static let perhapsThis =
        "a Switchboard node listens here, perhaps this one; another would have to listen elsewhere (--listen)"

    /// Finds out who listens there.
    private func ask(_ address: String) async -> Answer {
        let answer = await Self.ask(address, as: nil)
        guard case .stranger = answer, isNodeRunning || mayBeThisNode, let pair else { return answer }
        // A node with keys does not speak to anybody else. To those who name its key it shows that it has the other half,
        // and hangs up, since it knows no client with its own pair; which may come before libzmq has told it.
        let keyed = KeyedAddress(place: address, key: pair.publicKey).description
        for _ in 0..<Self.attempts {
            let answer = await Self.ask(keyed, as: pair)
            if case .stranger = answer { continue }
            return answer
        }
        return answer
    }

    private static let attempts = 3

    /// Asks for the health of whatever listens there.
    private static func ask(_ address: String, as pair: KeyPair?) async -> Answer {
        let loop = PollLoop(name: "sb-doctor")
        let context = MessagingContext()
        var options = CallChannel.Options()
        options.connectTime = .seconds(1)
        let channel = CallChannel(address: address, keys: pair, loop: loop, context: context, options: options)
        let answer: Answer
        do throws(SwitchboardError) {
            let health = try await channel.call(Methods.healthCheck, HealthRequest(), within: .seconds(2))
            answer = health.status == .serving ? .serving : .notServing(health.reason)
        } catch {
            let isTurnedAway = await channel.isTurnedAway
            switch error.code {
            case .unavailable where isTurnedAway: answer = .guarded
            case .unavailable: answer = .stranger("it does not speak ZeroMQ, or to clients with keys only")
            case .deadlineExceeded: answer = .stranger("it did not answer within 2 s")
            default: answer = .notServing(error.message)
            }
        }
        await channel.close()
        loop.stop()
        context.close()
        return answer
    }

    private func checkFile(_ name: String, _ address: String) async -> DoctorCheck {
        guard address.hasPrefix("ipc://") else {
            return .problem(name, "\(address) is no address", remedy: "write tcp://host:port or ipc://path")
        }
        let path = String(address.dropFirst(6))
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        guard access(folder, W_OK | X_OK) == 0 else {
            return .problem(
                name,
                "\(address): \(folder) cannot be written (\(String(cString: strerror(errno))))",
                remedy: "make the folder for the user that runs the node, or listen elsewhere with --listen"
            )
        }
        guard access(path, F_OK) == 0 else { return .ok(name, "\(address) is free") }
        let answer = await ask(address)
        switch answer {
        case .serving, .guarded: return taken(name, address, answer)
        case .notServing, .stranger: return .ok(name, "\(address) is free")
        }
    }
}
