internal import CZeroMQ
package import Core

/// A libzmq socket. Made, used and closed on the thread of one poll loop: libzmq aborts the process on misuse, so this
/// type is not Sendable and stays inside the actor whose executor is that loop.
package final class Socket {
    package enum Kind: Sendable {
        case router
        case dealer
        case pair
    }

    package struct Limits: Sendable {
        /// Messages that may wait for one peer. Their bytes are bounded by whoever sends with a meter.
        package var sendHighWaterMark: Int32 = 1_024
        /// Messages of one peer that may wait to be received; 0: as many as come.
        package var receiveHighWaterMark: Int32 = 256
        /// A larger frame closes the connection it came from.
        package var maximumFrameBytes: Int64 = 4 * 1024 * 1024
        /// A connection whose handshake takes longer is dropped.
        package var handshakeMilliseconds: Int32 = 5_000

        package init() {}
    }

    let raw: UnsafeMutableRawPointer
    private var isClosed = false
    /// Clients have to have keys, so that messages tell whose they are.
    private var isGuarded = false

    package init(_ kind: Kind, context: MessagingContext, limits: Limits = Limits()) throws(ZMQError) {
        let type =
            switch kind {
            case .router: ZMQ_ROUTER
            case .dealer: ZMQ_DEALER
            case .pair: ZMQ_PAIR
            }
        guard let raw = zmq_socket(context.raw, type) else {
            throw ZMQError(code: .init(rawValue: zmq_errno()), operation: "open a socket")
        }
        self.raw = raw
        try set(ZMQ_LINGER, 0 as Int32)
        try set(ZMQ_SNDHWM, limits.sendHighWaterMark)
        try set(ZMQ_RCVHWM, limits.receiveHighWaterMark)
        try set(ZMQ_MAXMSGSIZE, limits.maximumFrameBytes)
        // The pause doubles from one attempt to the next: a peer that was away for long is found a second after its start.
        try set(ZMQ_RECONNECT_IVL, 100 as Int32)
        try set(ZMQ_RECONNECT_IVL_MAX, 1_000 as Int32)
        try set(ZMQ_HANDSHAKE_IVL, limits.handshakeMilliseconds)
        if kind == .router {
            // Without it a reply to a peer that has gone is dropped and reported as sent.
            try set(ZMQ_ROUTER_MANDATORY, 1 as Int32)
        }
    }

    deinit {
        // Nobody uses it any more, so closing it on whatever thread drops the last reference is allowed.
        close()
    }

    /// Closes at once; what was not sent is dropped after the linger time that was set.
    package func close() {
        guard !isClosed else { return }
        isClosed = true
        zmq_close(raw)
    }

    /// How long `close` lets libzmq go on sending what waits, in the background.
    package func linger(_ time: Duration) {
        let parts = time.components
        let milliseconds = parts.seconds * 1_000 + parts.attoseconds / 1_000_000_000_000_000
        // Setting linger on an open socket cannot fail.
        try! set(ZMQ_LINGER, Int32(clamping: milliseconds))
    }

    /// - Returns: the address as bound; a port 0 is replaced by the one that was picked.
    package func bind(_ address: String) throws(ZMQError) -> String {
        try allowIPv6(for: address)
        try noticeLostMachines()
        try check("listen on \(address)") { zmq_bind(raw, address) }
        return try lastEndpoint()
    }

    package func connect(_ address: String) throws(ZMQError) {
        try allowIPv6(for: address)
        try noticeSilentServer()
        try check("connect to \(address)") { zmq_connect(raw, address) }
    }

    // MARK: Keys

    /// What is bound from here on takes clients with keys only, whom the context's doorkeeper lets in; but for inproc,
    /// which has no handshake.
    package func takeKeysOnly(as pair: KeyPair) throws(ZMQError) {
        isGuarded = true
        try set(ZMQ_CURVE_SERVER, 1 as Int32)
        try set(ZMQ_CURVE_SECRETKEY, pair.secret)
        try set(ZMQ_ZAP_DOMAIN, "switchboard")
    }

    /// What is connected to from here on is the server of that key, or nobody.
    package func trustOnly(_ server: PublicKey, as pair: KeyPair) throws(ZMQError) {
        try set(ZMQ_CURVE_SERVERKEY, server.description)
        try set(ZMQ_CURVE_PUBLICKEY, pair.publicKey.description)
        try set(ZMQ_CURVE_SECRETKEY, pair.secret)
    }

    /// Do not queue for connections that are not there yet.
    package func sendOnlyWhenConnected() throws(ZMQError) {
        try set(ZMQ_IMMEDIATE, 1 as Int32)
    }

    /// Lets `endpoint` (inproc) tell when connections come and go.
    package func monitor(at endpoint: String) throws(ZMQError) {
        let events =
            ZMQ_EVENT_CONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CLOSED
            | ZMQ_EVENT_CONNECT_RETRIED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL
            | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
        try check("watch connections") { zmq_socket_monitor(raw, endpoint, Int32(events)) }
    }

    /// Lets `endpoint` (inproc) tell when clients come and go. Somebody has to connect to it before this socket listens.
    package func monitorClients(at endpoint: String) throws(ZMQError) {
        let events = ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED
        try check("watch clients") { zmq_socket_monitor(raw, endpoint, Int32(events)) }
    }

    /// What a server's monitor tells of a connection.
    enum ServerEvent: Sendable, Equatable {
        case accepted
        case closed
    }

    /// - Returns: with the connection's descriptor.
    static func serverEvent(_ frame: [UInt8]) -> (event: ServerEvent, descriptor: Int32)? {
        guard frame.count >= 6 else { return nil }
        let descriptor = frame[2..<6].withUnsafeBytes { $0.loadUnaligned(as: Int32.self) }
        switch Int32(frame[0]) | Int32(frame[1]) << 8 {
        case ZMQ_EVENT_ACCEPTED: return (.accepted, descriptor)
        case ZMQ_EVENT_DISCONNECTED: return (.closed, descriptor)
        default: return nil
        }
    }

    /// Nothing is told from here on. To be called before the monitor's other end is closed: libzmq's thread would wait
    /// for ever to tell it something.
    package func stopMonitor() {
        // It fails only where the context was shut down, which has stopped it too.
        zmq_socket_monitor(raw, nil, 0)
    }

    /// What a monitor's first frame says.
    package enum MonitorEvent: Sendable, Equatable {
        /// Somebody took the connection; whether it is to be spoken to says the handshake.
        case reached
        case connected
        case disconnected
        case attemptFailed
        case refusedByPeer
        /// The peer knows no such key, or has too many connections.
        case keyRefused
        /// One side uses keys and the other does not.
        case keysDiffer
    }

    package static func monitorEvent(_ frame: [UInt8]) -> MonitorEvent? {
        guard frame.count >= 6 else { return nil }
        switch Int32(frame[0]) | Int32(frame[1]) << 8 {
        case ZMQ_EVENT_CONNECTED: return .reached
        case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: return .connected
        case ZMQ_EVENT_DISCONNECTED: return .disconnected
        case ZMQ_EVENT_CLOSED, ZMQ_EVENT_CONNECT_RETRIED: return .attemptFailed
        case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: return .keyRefused
        case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
            let detail = frame[2..<6].withUnsafeBytes { $0.loadUnaligned(as: Int32.self) }
            return detail == ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH ? .keysDiffer : .refusedByPeer
        case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL: return .refusedByPeer
        default: return nil
        }
    }

    /// Sends all frames as one message without waiting.
    ///
    /// - Parameter meter: counts the large frames as long as libzmq holds them.
    /// - Throws: `.wouldBlock` where the peer's queue is full, `.hostUnreachable` where a router does not know the peer.
    package func send(_ frames: [[UInt8]], meter: SendMeter? = nil) throws(ZMQError) {
        let last = frames.count - 1
        for (index, frame) in frames.enumerated() {
            let flags = ZMQ_DONTWAIT | (index < last ? ZMQ_SNDMORE : 0)
            if let meter, frame.count >= SendMeter.smallestFrame {
                try send(frame, flags, meter)
            } else {
                try check("send") { frame.withUnsafeBytes { zmq_send(raw, $0.baseAddress, $0.count, flags) } }
            }
        }
    }

    /// As `zmq_send`, which copies the frame too, but with word of when libzmq is done with the copy.
    private func send(_ frame: [UInt8], _ flags: Int32, _ meter: SendMeter) throws(ZMQError) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: frame.count, alignment: 16)
        copy.copyBytes(from: frame)
        let counted = Unmanaged.passRetained(MeteredFrame(meter: meter, bytes: frame.count)).toOpaque()
        meter.add(frame.count)
        var message = zmq_msg_t()
        guard zmq_msg_init_data(&message, copy.baseAddress, copy.count, frameIsDone, counted) == 0 else {
            let code = ZMQError.Code(rawValue: zmq_errno())
            frameIsDone(copy.baseAddress, counted)
            throw ZMQError(code: code, operation: "send")
        }
        do {
            try check("send") { zmq_msg_send(&message, raw, flags) }
        } catch {
            // What was not sent is still ours; closing it gives the copy back.
            zmq_msg_close(&message)
            throw error
        }
    }

    /// The next whole message, or nil where none waits.
    ///
    /// - Parameter maximumFrames: of a message with more the rest is read and dropped, and `isCut` is true.
    package func receive(maximumFrames: Int) throws(ZMQError) -> ReceivedMessage? {
        var frames: [[UInt8]] = []
        var isCut = false
        var sender = Sender.unknown
        var message = zmq_msg_t()
        zmq_msg_init(&message)
        defer { zmq_msg_close(&message) }
        repeat {
            do {
                try check("receive") { zmq_msg_recv(&message, raw, ZMQ_DONTWAIT) }
            } catch {
                if error.code == .wouldBlock { return nil }
                throw error
            }
            if frames.count < maximumFrames {
                // All frames of a message came over one connection, but a ROUTER that was polled first forgets whose its
                // own first frame is.
                if isGuarded, sender == .unknown || sender == .local { sender = Sender(of: &message) }
                frames.append(
                    Array(UnsafeRawBufferPointer(start: zmq_msg_data(&message), count: zmq_msg_size(&message)))
                )
            } else {
                isCut = true
            }
        } while zmq_msg_more(&message) == 1
        return ReceivedMessage(frames: frames, isCut: isCut, sender: sender)
    }

    /// With it on, libzmq writes every address it bound in the form of IPv6; so only where one is asked for.
    private func allowIPv6(for address: String) throws(ZMQError) {
        if address.contains("[") { try set(ZMQ_IPV6, 1 as Int32) }
    }

    /// By the kernel's probes and not by heartbeats: those abort the process where libzmq no longer reads a client, whose
    /// queue is full, and the client breaks the connection (its issue 4364, `!_io_error`; open as of 4.3.5).
    private func noticeLostMachines() throws(ZMQError) {
        try set(ZMQ_TCP_KEEPALIVE, 1 as Int32)
        try set(ZMQ_TCP_KEEPALIVE_IDLE, 5 as Int32)
        try set(ZMQ_TCP_KEEPALIVE_INTVL, 1 as Int32)
        try set(ZMQ_TCP_KEEPALIVE_CNT, 5 as Int32)
        // Probes are not sent while something waits to be acknowledged.
        try set(ZMQ_TCP_MAXRT, 10_000 as Int32)
    }

    /// By heartbeats, which notice a process that hangs too. What comes in is always read, see `CallChannel`.
    private func noticeSilentServer() throws(ZMQError) {
        try set(ZMQ_HEARTBEAT_IVL, 1_000 as Int32)
        try set(ZMQ_HEARTBEAT_TIMEOUT, 5_000 as Int32)
        try set(ZMQ_HEARTBEAT_TTL, 10_000 as Int32)
    }

    private func lastEndpoint() throws(ZMQError) -> String {
        var bytes = [CChar](repeating: 0, count: 512)
        var count = bytes.count
        try check("read the bound address") { zmq_getsockopt(raw, ZMQ_LAST_ENDPOINT, &bytes, &count) }
        return String(decoding: bytes.prefix(max(0, count - 1)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func set(_ option: Int32, _ value: Int32) throws(ZMQError) {
        try setBytes(of: value, option)
    }

    private func set(_ option: Int32, _ value: Int64) throws(ZMQError) {
        try setBytes(of: value, option)
    }

    private func set(_ option: Int32, _ value: String) throws(ZMQError) {
        // The value may be a secret, so that only the option is told.
        try check("set socket option \(option)") { zmq_setsockopt(raw, option, value, value.utf8.count) }
    }

    private func setBytes(of value: some FixedWidthInteger, _ option: Int32) throws(ZMQError) {
        try check("set socket option \(option)") {
            withUnsafeBytes(of: value) { zmq_setsockopt(raw, option, $0.baseAddress, $0.count) }
        }
    }
}

/// libzmq is done with the copy of a frame. Called on its thread, or on the one that closes the message.
private func frameIsDone(_ copy: UnsafeMutableRawPointer?, _ counted: UnsafeMutableRawPointer?) {
    copy?.deallocate()
    guard let counted else { return }
    let frame = Unmanaged<MeteredFrame>.fromOpaque(counted).takeRetainedValue()
    frame.meter.subtract(frame.bytes)
}
