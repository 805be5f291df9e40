internal import Core
internal import Messaging
internal import Wire

/// How calls end: with their reply, at their deadline, cancelled, or dropped with their client.
extension CallServer {
    /// Sends the one reply of a call, unless it has had it.
    func finish(_ serial: UInt64, _ status: Status, payload: [UInt8] = []) {
        guard let call = remove(serial, because: status.error ?? ended) else { return }
        let time = ContinuousClock.now - call.context.arrival
        events.finished(call.context.method, status.code, time)
        if status.code == .ok, !call.entry.limits.isStream { shares[call.entry.service]?.answered(after: time) }
        reply(route: call.route, callID: call.callID, status, payload: status.code == .ok ? payload : [])
    }

    /// The same for a call whose body has not ended, which is told.
    func end(_ serial: UInt64, _ status: Status) {
        let task = calls[serial]?.task
        finish(serial, status)
        task?.cancel()
    }

    func reply(route: [[UInt8]], callID: UInt64, _ status: Status, payload: [UInt8]) {
        send(Header(kind: .reply, callID: callID, status: status), payload: payload, to: route)
    }

    /// The caller gave up: no reply, and the body is told.
    func cancel(_ key: CallKey) {
        guard let serial = serials[key] else { return }
        drop(serial, because: SwitchboardError(.cancelled, "the caller gave the call up"))
    }

    func drop(_ serial: UInt64, because error: SwitchboardError) {
        guard let call = remove(serial, because: error) else { return }
        events.finished(call.context.method, error.code, .now - call.context.arrival)
        call.task?.cancel()
    }

    /// Takes a call out of all that knows it. Its stream's reader and writers are told why.
    func remove(_ serial: UInt64, because error: SwitchboardError) -> OpenCall? {
        countUnread(-unreadBytes(of: serial), of: serial)
        guard var call = calls.removeValue(forKey: serial) else { return nil }
        let client = call.route[0]
        if let timer = call.timer { loop.cancel(timer) }
        if call.callID != 0 { serials[CallKey(route: call.route, callID: call.callID)] = nil }
        clients[client]?.open.remove(serial)
        if call.stream?.isHeld == true { backlogs.change(client) { $0.remove(stream: serial) } }
        call.stream?.fail(error)
        return call
    }

    func expire(_ serial: UInt64) {
        end(serial, Status(code: .deadlineExceeded, message: "the deadline passed before the call was done"))
    }
}
