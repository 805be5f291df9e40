internal import Calls
internal import Core
internal import Glibc
internal import Messaging
internal import Wire

/// Finds out whether the addresses that a node would listen on are free, and who has them where they are not.
struct PortChecks {
    /// Whether a node holds the data directory: then its ports are taken, as they should be.
    let isNodeRunning: Bool

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
        case .taken: return taken(name, address, await Self.ask(socket.connectable))
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
            let isNode = socket.get("/metrics").contains("switchboard_")
            return taken(name, address, isNode ? .serving : .stranger("something else answers there"))
        case .refused(let reason, let remedy): return .problem(name, "\(address): \(reason)", remedy: remedy)
        }
    }

    // MARK: Who is there

    private enum Answer {
        case serving
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
        case .serving, .notServing:
            return .problem(
                name,
                "\(address) is taken by a Switchboard node with another data directory",
                remedy: elsewhere
            )
        case .stranger(let reason):
            return .problem(
                name,
                "\(address) is taken by another program (\(reason))",
                remedy: "\(elsewhere); which it is says: ss -ltnp"
            )
        }
    }

    /// Asks for the health of whatever listens there.
    private static func ask(_ address: String) async -> Answer {
        let loop = PollLoop(name: "sb-doctor")
        let context = MessagingContext()
        var options = CallChannel.Options()
        options.connectTime = .seconds(1)
        let channel = CallChannel(address: address, loop: loop, context: context, options: options)
        let answer: Answer
        do throws(SwitchboardError) {
            let health = try await channel.call(Methods.healthCheck, HealthRequest(), within: .seconds(2))
            answer = health.status == .serving ? .serving : .notServing(health.reason)
        } catch {
            switch error.code {
            case .unavailable: answer = .stranger("it does not speak ZeroMQ")
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
        guard access(path, F_OK) == 0, case .serving = await Self.ask(address) else {
            return .ok(name, "\(address) is free")
        }
        return taken(name, address, .serving)
    }
}
