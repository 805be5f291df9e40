internal import Core
internal import Messaging

/// How the connection comes and goes, as the socket's monitor tells.
extension CallChannel {
    func unreachable(_ reason: String) -> SwitchboardError {
        SwitchboardError(.unavailable, "\(Self.noAnswer) \(address): \(reason)")
    }

    func connect() throws(SwitchboardError) {
        guard socket == nil else { return }
        let server = try server.get()
        guard server.key == nil || keys != nil else {
            throw SwitchboardError(
                .failedPrecondition,
                "the node at \(address) asks for a key, and none was given: --key FILE or $SWITCHBOARD_KEY names one, "
                    + "`switchboard keys generate --out FILE` makes one, and an admin adds its public half"
            )
        }
        do {
            try openSocket(to: server)
        } catch {
            // The next call tries anew.
            closeSockets()
            throw SwitchboardError(.unavailable, "cannot connect to \(address): \(error.reason)")
        }
    }

    private func openSocket(to server: KeyedAddress) throws(ZMQError) {
        let isInThisProcess = address.hasPrefix("inproc:")
        var limits = Socket.Limits()
        if !isInThisProcess {
            // At its mark libzmq stops reading, and aborts the process where the connection is replaced before it goes on
            // (its issue 3937, `_input_stopped`; open as of 4.3.5). So there is none: no more comes in than was asked for,
            // answers to the calls in flight and what streams have granted.
            limits.receiveHighWaterMark = 0
        }
        let socket = try Socket(.dealer, context: context, limits: limits)
        self.socket = socket
        socketID = loop.add(socket, owner: self)
        if isInThisProcess {
            link = .up
        } else {
            try watchConnection(of: socket)
            try socket.sendOnlyWhenConnected()
            connectTimer = loop.schedule(at: .now + options.connectTime) { [self] in
                assumeIsolated { $0.giveUpConnecting() }
            }
        }
        if let key = server.key, let keys { try socket.trustOnly(key, as: keys) }
        try socket.connect(server.place)
    }

    private func watchConnection(of socket: Socket) throws(ZMQError) {
        let endpoint = "inproc://monitor-\(Bits128.random())"
        try socket.monitor(at: endpoint)
        let monitor = try Socket(.pair, context: context)
        self.monitor = monitor
        try monitor.connect(endpoint)
        monitorID = loop.add(monitor, owner: self)
    }

    /// Leaves the channel as one that has not connected yet.
    func closeSockets() {
        if let connectTimer { loop.cancel(connectTimer) }
        if let socketID { loop.remove(socketID) }
        if let monitorID { loop.remove(monitorID) }
        socket?.stopMonitor()
        monitor?.close()
        socket?.close()
        connectTimer = nil
        socketID = nil
        monitorID = nil
        monitor = nil
        socket = nil
        reached = nil
        link = .connecting
    }

    private func giveUpConnecting() {
        connectTimer = nil
        guard case .connecting = link else { return }
        goDown(reached == nil ? "no connection within \(options.connectTime)" : unfinishedHandshake)
    }

    private func goDown(_ reason: String) {
        link = .down(reason)
        failAll(unreachable(reason))
    }

    func readMonitor() {
        while let message = try? monitor?.receive(maximumFrames: 2) {
            guard let event = message.frames.first.flatMap(Socket.monitorEvent) else { continue }
            switch event {
            case .reached: reached = .now
            case .connected:
                reached = nil
                link = .up
                flush()
            case .disconnected:
                let reason = isHeldUp ? unfinishedHandshake : "the connection was lost"
                reached = nil
                goDown(reason)
            case .attemptFailed:
                reached = nil
                if case .connecting = link { goDown("the connection was refused") }
            case .refusedByPeer where isHeldUp:
                // Nobody said anything until the time for the handshake was over.
                beRefused(unfinishedHandshake)
            case .refusedByPeer:
                // It may be any of what the others say, where the connection was closed before it was told.
                beRefused(
                    hasServerKey
                        ? "it refused the handshake: it does not know this key, uses no keys, has another public key than "
                            + "the address, or does not hear from its updater and lets nobody new in\(letsIn); or compare "
                            + "the key behind the '#' with what the node prints"
                        : "it refused the handshake; where it takes clients with keys only, write its address with '#' "
                            + "and its public key behind it"
                )
            case .keyRefused:
                isTurnedAway = hasServerKey
                beRefused("it does not know this key, has revoked it, or has too many connections\(letsIn)")
            case .keysDiffer:
                beRefused(
                    hasServerKey
                        ? "it uses no keys; leave out what stands behind the '#'"
                        : "it takes clients with keys only; write its address with '#' and its public key behind it"
                )
            }
        }
    }

    private var hasServerKey: Bool { (try? server.get().key) != nil }

    /// What kept a call from being sent until its deadline; empty where the connection stands.
    var hindrance: String {
        guard case .connecting = link else { return "" }
        return "; \(reached == nil ? "there was no connection by then" : unfinishedHandshake)"
    }

    /// Whether the server has the connection for longer than a refusal takes, and the handshake has not ended.
    private var isHeldUp: Bool { reached.map { $0.duration(to: .now) >= Self.refusalTime } ?? false }

    private var unfinishedHandshake: String {
        hasServerKey
            ? "it took the connection and did not finish the handshake: a gateway that does not hear from its updater lets "
                + "nobody new in (its /readyz says so), or the process hangs"
            : "it took the connection and did not finish the handshake: it is no port of a node, or the process hangs"
    }

    /// What helps where the server does not know this client's key.
    private var letsIn: String {
        keys.map {
            "; an admin lets it in with: switchboard keys add NAME --role ROLE --public-key '\($0.publicKey)'; a key that was "
                + "revoked stays so, and needs a new pair"
        } ?? ""
    }

    /// libzmq tries no more after some refusals, and a key may be added a moment later. So a new socket tries, until
    /// whose success calls fail at once.
    private func beRefused(_ reason: String) {
        closeSockets()
        let now = ContinuousClock.now
        if toldRefusal.map({ $0.duration(to: now) >= Self.tellingPause }) ?? true {
            toldRefusal = now
            refused(address, reason)
        }
        goDown(reason)
        guard reopenTimer == nil else { return }
        reopenTimer = loop.schedule(at: .now + Self.refusedPause) { [weak self] in
            self?.assumeIsolated { $0.reopen(reason) }
        }
    }

    private func reopen(_ reason: String) {
        reopenTimer = nil
        guard socket == nil, let server = try? server.get() else { return }
        do {
            try openSocket(to: server)
            link = .down(reason)
        } catch {
            closeSockets()
        }
    }

    /// Whoever refuses does so at once.
    private static var refusalTime: Duration { .seconds(2) }
    private static var refusedPause: Duration { .seconds(1) }
    private static var tellingPause: Duration { .seconds(60) }
}
