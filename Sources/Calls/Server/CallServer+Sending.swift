internal import Core
internal import Messaging
internal import Wire

/// Frames on their way to clients, and what waits for those that read slowly.
extension CallServer {
    func send(_ header: Header, payload: [UInt8] = [], to route: [[UInt8]]) {
        transmit(route + [header.encoded(), payload])
    }

    /// Sends, or keeps for a client that reads slowly, or drops a reply where that one's share is full.
    ///
    /// - Parameter stream: the call whose stream the message belongs to; nil for replies.
    /// - Returns: false where it was kept or dropped.
    @discardableResult
    func transmit(_ frames: [[UInt8]], ofStream stream: UInt64? = nil) -> Bool {
        guard let socket else { return true }
        let client = frames[0]
        guard !backlogs.hasSome(for: client), mayTakeMore(client) else {
            keep(frames, ofStream: stream)
            return false
        }
        do {
            try socket.send(frames, meter: meter(for: frames))
        } catch {
            switch error.code {
            case .wouldBlock:
                keep(frames, ofStream: stream)
                return false
            case .hostUnreachable: forget(client)
            default: events.refused("send_failed")
            }
        }
        return true
    }

    /// Whether what was sent to a client has left, but for a share.
    func mayTakeMore(_ client: [UInt8]) -> Bool {
        guard let meter = meters[client] else { return true }
        return meter.bytes < (unsent.bytes < limits.unsentBytesPerServer ? limits.unsentBytesPerClient : 1)
    }

    /// The client's meter, where the message has something to measure.
    func meter(for frames: [[UInt8]]) -> SendMeter? {
        guard frames.contains(where: { $0.count >= SendMeter.smallestFrame }) else { return nil }
        if let meter = meters[frames[0]] { return meter }
        let meter = SendMeter(of: unsent)
        meters[frames[0]] = meter
        return meter
    }

    func keep(_ frames: [[UInt8]], ofStream stream: UInt64?) {
        let client = frames[0]
        if let stream {
            backlogs.change(client) { $0.add(message: frames, of: stream) }
        } else {
            let isKept = backlogs.change(client) { backlog in
                backlog.add(reply: frames, within: limits.waitingMessagesPerClient, limits.waitingBytesPerClient)
            }
            if !isKept { events.refused("client_does_not_read") }
        }
        while backlogs.bytes > limits.waitingBytesPerServer, let slowest = backlogs.slowest { giveUp(slowest) }
        // A ROUTER does not tell which peer takes messages again, so it is tried again.
        if !isBacklogScheduled { scheduleBacklog(after: .milliseconds(2)) }
    }

    func scheduleBacklog(after pause: Duration) {
        isBacklogScheduled = true
        loop.schedule(at: .now + pause) { [self] in assumeIsolated { $0.sendBacklogs(after: pause) } }
    }

    /// - Parameter pause: doubles, up to 50 ms, as long as nobody takes anything.
    func sendBacklogs(after pause: Duration) {
        isBacklogScheduled = false
        guard let socket else { return }
        var hasSent = false
        for client in backlogs.clients {
            do {
                while let entry = backlogs.first(for: client), mayTakeMore(client) {
                    try socket.send(entry.frames, meter: meter(for: entry.frames))
                    backlogs.change(client) { $0.removeFirst(at: .now) }
                    if let stream = entry.stream { calls[stream]?.stream?.letGo() }
                    hasSent = true
                }
            } catch {
                if error.code != .wouldBlock { forget(client) }
            }
        }
        if !backlogs.isEmpty { scheduleBacklog(after: hasSent ? .milliseconds(2) : min(pause * 2, .milliseconds(50))) }
    }

    /// The client holds up more than there is room for: what waits for it is dropped and its calls end. It is told of each,
    /// in few bytes, which it finds when it reads after all.
    private func giveUp(_ client: [UInt8]) {
        events.refused("client_does_not_read")
        guard let backlog = backlogs.removeAll(for: client) else { return }
        var told: [(route: [[UInt8]], callID: UInt64)] = []
        for entry in backlog.waiting where entry.stream == nil {
            // Route, header and payload, as `send` made them.
            guard let header = try? Header(decoding: entry.frames[entry.frames.count - 2]), header.kind == .reply else {
                continue
            }
            told.append((Array(entry.frames.dropLast(2)), header.callID))
        }
        let error = SwitchboardError(
            .resourceExhausted,
            "this client does not read what it is sent, and too much waits for clients that do not; read, and call again",
            retryAfter: .seconds(1)
        )
        for serial in clients[client]?.open ?? [] {
            guard let call = calls[serial] else { continue }
            told.append((call.route, call.callID))
            drop(serial, because: error)
        }
        for (route, callID) in told {
            let header = Header(kind: .reply, callID: callID, status: Status(error))
            // Where libzmq takes no more for it, it has had enough of the kind.
            guard (try? socket?.send(route + [header.encoded(), []])) != nil else { return }
        }
    }

    /// The client has gone: its calls are dropped. Found again with every reply to it, so the second time costs nothing.
    func forget(_ client: [UInt8]) {
        backlogs.removeAll(for: client)
        meters[client] = nil
        guard let open = clients[client]?.open else { return }
        for serial in open { drop(serial, because: SwitchboardError(.cancelled, "the caller has gone")) }
    }
}
