internal import Core
internal import Messaging
internal import Wire

/// Messages of streams, both ways, and what the peers grant each other.
extension CallServer {
    func receive(_ payload: [UInt8], for key: CallKey) {
        guard let serial = serials[key] else { return }
        guard hasRoom(for: payload.count, of: serial) else {
            return end(
                serial,
                Status(
                    code: .resourceExhausted,
                    message: "more bytes of stream messages came than are read; keep fewer on the way",
                    retryAfter: .milliseconds(200)
                )
            )
        }
        let before = unreadBytes(of: serial)
        guard calls[serial]?.stream?.receive(payload) == true else {
            return end(
                serial,
                Status(code: .resourceExhausted, message: "more stream messages came than had been granted")
            )
        }
        countUnread(unreadBytes(of: serial) - before, of: serial)
        grantMore(serial)
    }

    /// Whether a stream message may wait to be read. A stream none of whose messages wait gets room for one where only
    /// others have used up the service's share, up to twice that.
    func hasRoom(for bytes: Int, of serial: UInt64) -> Bool {
        guard let call = calls[serial], let stream = call.stream, !stream.hasReader else { return true }
        let client = clients[call.route[0], default: Client()].load.unread + bytes
        let service = serviceLoads[call.entry.service, default: Load()].unread + bytes
        let share = limits.bytesPerService
        return client <= limits.unreadBytesPerClient && service <= (stream.isEmpty ? 2 * share : share)
    }

    func unreadBytes(of serial: UInt64) -> Int { calls[serial]?.stream?.unreadBytes ?? 0 }

    func countUnread(_ change: Int, of serial: UInt64) {
        guard change != 0, let call = calls[serial] else { return }
        serviceLoads[call.entry.service]?.unread += change
        clients[call.route[0]]?.load.unread += change
    }

    func closeInput(of key: CallKey) {
        guard let serial = serials[key] else { return }
        calls[serial]?.stream?.closeInput()
    }

    func grant(_ messages: Int, byteLimit: Int, to key: CallKey) {
        guard let serial = serials[key] else { return }
        calls[serial]?.stream?.grant(messages, byteLimit: byteLimit)
    }

    func grantMore(_ serial: UInt64) {
        guard let call = calls[serial], call.entry.readsStream else { return }
        // Half of what there is room for is left to what has been granted already.
        let isShort =
            clients[call.route[0], default: Client()].load.unread > limits.unreadBytesPerClient / 2
            || serviceLoads[call.entry.service, default: Load()].unread > limits.bytesPerService / 2
        guard let grant = calls[serial]?.stream?.takeGrant(isShort: isShort) else { return }
        send(
            Header(kind: .grant, callID: call.callID, grant: grant.messages, byteLimit: grant.byteLimit),
            to: call.route
        )
    }

    func nextMessage(of serial: UInt64) async throws(SwitchboardError) -> [UInt8]? {
        let ended = ended
        let result = await withCheckedContinuation { continuation in
            let before = unreadBytes(of: serial)
            if calls[serial]?.stream?.read(continuation) == nil { continuation.resume(returning: .failure(ended)) }
            countUnread(unreadBytes(of: serial) - before, of: serial)
        }
        grantMore(serial)
        return try result.get()
    }

    /// Waits for the caller's grant, and then for its socket to take the message.
    func send(_ message: [UInt8], to serial: UInt64) async throws(SwitchboardError) {
        let ended = ended
        try await withCheckedContinuation { continuation in
            if calls[serial]?.stream?.write(message.count, continuation) == nil {
                continuation.resume(returning: .failure(ended))
            }
        }.get()
        guard let call = calls[serial] else { return }
        let header = Header(kind: .message, callID: call.callID)
        guard !transmit(call.route + [header.encoded(), message], ofStream: serial) else { return }
        // Nothing else ran since the message was put into the backlog, so writers stand in the order of their messages.
        try await withCheckedContinuation { continuation in
            if calls[serial]?.stream?.hold(continuation) == nil { continuation.resume(returning: .failure(ended)) }
        }.get()
    }

    func send(_ message: [UInt8], to serial: UInt64, within limit: Duration) async throws(SwitchboardError) {
        let timer = loop.schedule(at: .now + limit) { [self] in
            assumeIsolated {
                $0.finish(
                    serial,
                    Status(code: .deadlineExceeded, message: "a message of this stream was not read within \(limit)")
                )
            }
        }
        defer { loop.cancel(timer) }
        try await send(message, to: serial)
    }

    var ended: SwitchboardError { SwitchboardError(.cancelled, "the call has ended") }
}
