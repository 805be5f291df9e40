package import Core
internal import Glibc

/// Answers libzmq's question, for every handshake of the servers of one context, whether that client may come in.
///
/// ZeroMQ's RFC 27 (ZAP): libzmq asks at `inproc://zeromq.zap.01`. Runs on a loop of its own, so that a busy server keeps
/// nobody waiting at the door and a crowd at the door no server. It is opened before a server listens with keys and closed
/// after the last: libzmq would let everybody in without it, whom servers then refuse with each message. It decides
/// by the closure that it is given and by the connections that there are; it knows no roles.
package actor Doorkeeper: SocketOwner {
    package nonisolated let loop: PollLoop
    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private static let endpoint = "inproc://zeromq.zap.01"

    private let context: MessagingContext
    private let limits: ConnectionLimits
    private let decide: @Sendable (Handshake) -> HandshakeVerdict
    private let overfull: @Sendable (Handshake, String) -> Void
    private var questions: Socket?
    private var questionsID: PollLoop.SocketID?
    private var monitors: [PollLoop.SocketID: (socket: Socket, number: Int)] = [:]
    private var ledger = ConnectionLedger()
    private var lastMonitor = 0

    /// - Parameters:
    ///   - decide: asked on the loop's thread, where it must not wait.
    ///   - overfull: told of who is refused since there are as many connections as there may be, and why.
    package init(
        loop: PollLoop,
        context: MessagingContext,
        limits: ConnectionLimits = ConnectionLimits(),
        overfull: @escaping @Sendable (Handshake, String) -> Void = { _, _ in },
        decide: @escaping @Sendable (Handshake) -> HandshakeVerdict,
    ) {
        self.loop = loop
        self.context = context
        self.limits = limits
        self.overfull = overfull
        self.decide = decide
    }

    /// - Throws: `.internal` where the context has a doorkeeper already.
    package func open() throws(SwitchboardError) {
        do {
            let socket = try Socket(.router, context: context)
            _ = try socket.bind(Self.endpoint)
            questions = socket
            questionsID = loop.add(socket, owner: self)
        } catch {
            throw SwitchboardError(.internal, "nobody can watch the door: \(error.reason)")
        }
    }

    /// Counts the connections of a server whose socket tells of them at an inproc address.
    ///
    /// To be called before that socket listens: libzmq waits for somebody to tell it to.
    package func watch(at endpoint: String) throws(SwitchboardError) {
        do {
            let monitor = try Socket(.pair, context: context)
            try monitor.connect(endpoint)
            lastMonitor += 1
            monitors[loop.add(monitor, owner: self)] = (monitor, lastMonitor)
        } catch {
            throw SwitchboardError(.internal, "nobody can count a server's connections: \(error.reason)")
        }
    }

    /// To be called when the servers have closed.
    package func close() {
        for (id, monitor) in monitors {
            loop.remove(id)
            monitor.socket.close()
        }
        monitors.removeAll()
        if let questionsID { loop.remove(questionsID) }
        questions?.close()
        questions = nil
        questionsID = nil
    }

    // MARK: Frames

    package nonisolated func socketIsReadable(_ id: PollLoop.SocketID) -> Bool {
        assumeIsolated { keeper in
            if let monitor = keeper.monitors[id] { return keeper.readEvents(of: monitor.socket, monitor.number) }
            return keeper.answerQuestions()
        }
    }

    package nonisolated func socketIsWritable(_ id: PollLoop.SocketID) {}

    private func readEvents(of monitor: Socket, _ number: Int) -> Bool {
        for _ in 0..<256 {
            guard let message = try? monitor.receive(maximumFrames: 2) else { return false }
            guard let (event, descriptor) = message.frames.first.flatMap(Socket.serverEvent) else { continue }
            let id = ConnectionLedger.ID(socket: number, descriptor: descriptor)
            switch event {
            case .accepted: ledger.opened(id, from: Self.peerAddress(of: descriptor))
            case .closed: ledger.closed(id)
            }
        }
        return true
    }

    private func answerQuestions() -> Bool {
        for _ in 0..<64 {
            guard let message = try? questions?.receive(maximumFrames: 16) else { return false }
            guard let question = Question(message.frames) else { continue }
            // libzmq tells of a connection before it asks about it, and more may be told than is read at a time.
            for monitor in monitors.values { while readEvents(of: monitor.socket, monitor.number) {} }
            // Where the asker has given up in the meantime there is nobody to answer.
            try? questions?.send(answer(to: question))
        }
        return true
    }

    private func answer(to question: Question) -> [[UInt8]] {
        guard let handshake = question.handshake else { return question.reply("400", "a key is needed") }
        if let reason = crowd(handshake) {
            overfull(handshake, reason)
            return question.reply("400", "too many connections")
        }
        switch decide(handshake) {
        case .admitted:
            ledger.admitted(handshake.key, from: handshake.address)
            return question.reply("200", "OK", user: handshake.key.description)
        case .refused: return question.reply("400", "no such key")
        case .later: return question.reply("300", "not now")
        }
    }

    private func crowd(_ handshake: Handshake) -> String? {
        if ledger.count(from: handshake.address) > limits.perAddress {
            return "there are \(limits.perAddress) connections from its address, which is the most"
        }
        if ledger.count(of: handshake.key) >= limits.perKey {
            return "there are \(limits.perKey) connections with this key, which is the most"
        }
        return nil
    }

    /// Numeric, in the form in which libzmq asks; `local` for a path on this machine.
    private static func peerAddress(of descriptor: Int32) -> String {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let status = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address -> Int32 in
                guard getpeername(descriptor, address, &length) == 0 else { return -1 }
                return getnameinfo(address, length, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
            }
        }
        guard status == 0, storage.ss_family == sa_family_t(AF_INET) || storage.ss_family == sa_family_t(AF_INET6)
        else { return Sender.onThisMachine }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// A request of ZAP, as a ROUTER gets it: who asks, an empty frame, version, request id, domain, address, identity,
/// mechanism and, for CURVE, the client's public key.
private struct Question {
    private let asker: [UInt8]
    private let requestID: [UInt8]
    /// Nil: of another mechanism, or not in the form of the RFC.
    let handshake: Handshake?

    /// - Returns: nil for what cannot be answered.
    init?(_ frames: [[UInt8]]) {
        guard frames.count >= 8, frames[1].isEmpty else { return nil }
        asker = frames[0]
        requestID = frames[3]
        let address = String(decoding: frames[5], as: UTF8.self)
        guard frames.count == 9, frames[7] == Array("CURVE".utf8), let key = PublicKey(bytes: frames[8]) else {
            handshake = nil
            return
        }
        handshake = Handshake(key: key, address: Sender.place(address))
    }

    func reply(_ status: String, _ text: String, user: String = "") -> [[UInt8]] {
        [asker, [], Array("1.0".utf8), requestID, Array(status.utf8), Array(text.utf8), Array(user.utf8), []]
    }
}
