internal import Core
package import Messaging
internal import Wire

/// Frames on their way to the server and from it.
extension CallChannel {
    package nonisolated func socketIsReadable(_ id: PollLoop.SocketID) -> Bool {
        assumeIsolated { channel in
            if id == channel.monitorID {
                channel.readMonitor()
                return false
            }
            return channel.readMessages()
        }
    }

    package nonisolated func socketIsWritable(_ id: PollLoop.SocketID) {
        assumeIsolated { $0.flush() }
    }

    func send(_ header: Header, _ payload: [UInt8]) {
        guard let socket else { return }
        let frames = [header.encoded(), payload]
        if outbox.isEmpty, (try? socket.send(frames, meter: meter)) != nil { return }
        outbox.append(frames, of: header)
        watchWritable()
    }

    /// While there is no connection libzmq calls the socket unwritable, and the monitor tells when to go on.
    private func watchWritable() {
        if let socketID { loop.watch(socketID, writable: !outbox.isEmpty) }
    }

    func flush() {
        guard let socket else { return }
        outbox.send { (try? socket.send($0, meter: meter)) != nil }
        watchWritable()
    }

    private func readMessages() -> Bool {
        for _ in 0..<64 {
            guard let message = try? socket?.receive(maximumFrames: 4) else { return false }
            guard !message.isCut, message.frames.count >= 2 else { continue }
            take(message.frames[message.frames.count - 2], payload: message.frames[message.frames.count - 1])
        }
        return true
    }

    private func take(_ written: [UInt8], payload: [UInt8]) {
        let header: Header
        do {
            header = try Header(decoding: written)
        } catch {
            // It may have been the end of the call, for which somebody would wait for ever.
            guard let callID = written.withUnsafeBytes({ Header.callID(ofRefused: $0) }) else { return }
            let reason = "\(address) sent a header that cannot be read: \(error.message)"
            return abandon(callID, SwitchboardError(.internal, reason))
        }
        let callID = header.callID
        guard let call = calls[callID], !call.hasEnded else { return }
        switch header.kind {
        case .reply:
            // Of a unary call nothing waits: its request has left, or there would be no reply.
            if call.stream != nil { outbox.remove(callID) }
            if let error = (header.status ?? .ok).error {
                end(callID, .failure(explained(error, method: call.method)))
            } else {
                end(callID, .success(payload))
            }
        case .message:
            guard calls[callID]?.stream?.receive(payload) == true else {
                return cancel(callID)
            }
        case .grant: calls[callID]?.stream?.grant(header.grant, byteLimit: header.byteLimit)
        case .call, .halfClose, .cancel: break
        }
    }

    /// A node that has no such method has it at another port, most likely.
    private func explained(_ error: SwitchboardError, method: String) -> SwitchboardError {
        guard error.code == .unimplemented, error.message.hasPrefix(CallServer.noSuchMethod) else { return error }
        let advice =
            switch serviceName(ofMethod: method) {
            case "switchboard.v1.Index": "; it looks like a router port, and the index is usually at that port + 2"
            case "switchboard.v1.Worker": "; it looks like a router port, and workers attach at that port + 1"
            case "switchboard.v1.Router": "; the router port is usually 7700, and the index at that port + 2"
            default: ""
            }
        return SwitchboardError(.unimplemented, "\(address) does not serve \(method)\(advice)")
    }
}
