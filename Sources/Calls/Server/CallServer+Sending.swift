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
        guard backlogs[client] == nil, mayTakeMore(client) else {
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
        return meter.bytes < limits.unsentBytesPerClient
    }

    /// The client's meter, where the message has something to measure.
    func meter(for frames: [[UInt8]]) -> SendMeter? {
        guard frames.contains(where: { $0.count >= SendMeter.smallestFrame }) else { return nil }
        if let meter = meters[frames[0]] { return meter }
        let meter = SendMeter()
        meters[frames[0]] = meter
        return meter
    }

    func keep(_ frames: [[UInt8]], ofStream stream: UInt64?) {
        let client = frames[0]
        if let stream {
            backlogs[client, default: Backlog()].add(message: frames, of: stream)
        } else {
            let isKept = backlogs[client, default: Backlog()].add(
                reply: frames,
                within: limits.waitingMessagesPerClient,
                limits.waitingBytesPerClient
            )
            if !isKept { events.refused("client_does_not_read") }
        }
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
        for client in Array(backlogs.keys) {
            do {
                while let (frames, stream) = backlogs[client]?.first, mayTakeMore(client) {
                    try socket.send(frames, meter: meter(for: frames))
                    backlogs[client]?.removeFirst()
                    if let stream { calls[stream]?.stream?.letGo() }
                    hasSent = true
                }
                if backlogs[client]?.first == nil { backlogs[client] = nil }
            } catch {
                if error.code != .wouldBlock { forget(client) }
            }
        }
        if !backlogs.isEmpty { scheduleBacklog(after: hasSent ? .milliseconds(2) : min(pause * 2, .milliseconds(50))) }
    }

    /// The client has gone: its calls are dropped. Found again with every reply to it, so the second time costs nothing.
    func forget(_ client: [UInt8]) {
        backlogs[client] = nil
        meters[client] = nil
        guard let open = clients[client]?.open else { return }
        for serial in open { drop(serial, because: SwitchboardError(.cancelled, "the caller has gone")) }
    }
}
