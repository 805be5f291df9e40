internal import Core
internal import Messaging

/// How the connection comes and goes, as the socket's monitor tells.
extension CallChannel {
    func unreachable(_ reason: String) -> SwitchboardError {
        SwitchboardError(.unavailable, "\(Self.noAnswer) \(address): \(reason)")
    }

    func connect() throws(SwitchboardError) {
        guard socket == nil else { return }
        do {
            try openSocket()
        } catch {
            // The next call tries anew.
            closeSockets()
            throw SwitchboardError(.unavailable, "cannot connect to \(address): \(error.reason)")
        }
    }

    private func openSocket() throws(ZMQError) {
        let socket = try Socket(.dealer, context: context)
        self.socket = socket
        socketID = loop.add(socket, owner: self)
        if address.hasPrefix("inproc:") {
            link = .up
        } else {
            try watchConnection(of: socket)
            try socket.sendOnlyWhenConnected()
            connectTimer = loop.schedule(at: .now + options.connectTime) { [self] in
                assumeIsolated { $0.giveUpConnecting() }
            }
        }
        try socket.connect(address)
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
        link = .connecting
    }

    private func giveUpConnecting() {
        connectTimer = nil
        if case .connecting = link { goDown("no connection within \(options.connectTime)") }
    }

    private func goDown(_ reason: String) {
        link = .down(reason)
        failAll(unreachable(reason))
    }

    func readMonitor() {
        while let message = try? monitor?.receive(maximumFrames: 2) {
            guard let event = message.frames.first.flatMap(Socket.monitorEvent) else { continue }
            switch event {
            case .connected:
                link = .up
                flush()
            case .disconnected: goDown("the connection was lost")
            case .attemptFailed:
                if case .connecting = link { goDown("the connection was refused") }
            case .refusedByPeer: goDown("the node refused the handshake")
            }
        }
    }
}
