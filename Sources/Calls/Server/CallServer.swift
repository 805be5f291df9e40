package import Core
package import Messaging
internal import Wire

/// Serves calls on one ROUTER socket: reads frames, runs the methods' bodies, and sees to it that every unary call gets
/// exactly one reply, at its deadline at the latest.
///
/// Runs on its poll loop. Bounded: calls, streams and bytes a service and a client, replies that wait for a slow client.
/// It refuses what exceeds that, at once, with RESOURCE_EXHAUSTED; streams wait for a client that reads slowly. It knows
/// no method by name. With security it takes only clients with keys, and asks `KeyAccess` before a body hears of a call.
package actor CallServer: SocketOwner {
    /// How the message begins for a method that this port does not know.
    static let noSuchMethod = "no such method here"
    /// Times that messages are read before the socket is closed.
    private static let lastReads = 64

    struct OpenCall {
        let route: [[UInt8]]
        let sender: Sender
        let callID: UInt64
        let entry: ServiceTable.Entry
        let context: CallContext
        var stream: StreamState?
        /// Of its deadline.
        var timer: PollLoop.TimerID?
        var task: Task<Void, Never>?
    }

    struct CallKey: Hashable {
        let route: [[UInt8]]
        let callID: UInt64
    }

    nonisolated let loop: PollLoop
    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    let services: ServiceTable
    let limits: Limits
    let events: CallEvents
    let context: MessagingContext
    /// Nil: whoever reaches the server may call.
    let security: ServerSecurity?
    var socket: Socket?
    var socketID: PollLoop.SocketID?

    var calls: [UInt64: OpenCall] = [:]
    var serials: [CallKey: UInt64] = [:]
    var lastSerial: UInt64 = 0
    var serviceLoads: [String: Load] = [:]
    /// Of unary calls, by service.
    var shares: [String: CallShares] = [:]
    /// Of streams, by service: idle ones of one client must not keep out those by which others follow the log.
    var streamShares: [String: CallShares] = [:]
    /// Of the bytes of requests, by service.
    var byteShares: [String: CallShares] = [:]
    var clients: [[UInt8]: Client] = [:]
    /// Of clients that were sent something large lately.
    var meters: [[UInt8]: SendMeter] = [:]
    /// Of all of them.
    let unsent = SendMeter()
    var backlogs = Backlogs()
    var isBacklogScheduled = false
    var isDraining = false
    var drained: [CheckedContinuation<Void, Never>] = []
    var running = 0

    package init(
        services: ServiceTable,
        loop: PollLoop,
        context: MessagingContext,
        limits: Limits = Limits(),
        events: CallEvents = CallEvents(),
        security: ServerSecurity? = nil,
    ) {
        self.services = services
        self.loop = loop
        self.context = context
        self.limits = limits
        self.events = events
        self.security = security
    }

    // MARK: Life

    /// Listens on one more address.
    ///
    /// - Returns: the address as bound, with the port that was picked for port 0.
    /// - Throws: `.unavailable` where the address is in use or not to be had, naming it.
    package func listen(on address: String) async throws(SwitchboardError) -> String {
        let socket = try await openSocket(toListenOn: address)
        do {
            return try socket.bind(address)
        } catch {
            throw Self.cannotListen(on: address, error)
        }
    }

    private static func cannotListen(on address: String, _ error: ZMQError) -> SwitchboardError {
        // libzmq takes names of network interfaces there, and no host names.
        var message = "cannot listen on \(address): \(error.reason)"
        if error.code == .noSuchDevice {
            message += "; write an IP address of this machine, such as 127.0.0.1, or * for all"
        }
        return SwitchboardError(.unavailable, message)
    }

    /// Takes no new calls, lets unary calls in flight finish until `deadline`, ends streams with UNAVAILABLE, closes. What
    /// has arrived by then gets its reply, which is UNAVAILABLE too.
    package func drain(until deadline: ContinuousClock.Instant) async {
        guard !isDraining else { return }
        isDraining = true
        for (serial, call) in calls where call.entry.limits.isStream {
            end(serial, Status(code: .unavailable, message: "the node is shutting down; connect to another"))
        }
        if running > 0 {
            loop.schedule(at: deadline) { [self] in assumeIsolated { $0.abandonCalls() } }
            await withCheckedContinuation { continuation in
                // The last one may have ended before this was asked.
                if running == 0 { continuation.resume() } else { drained.append(continuation) }
            }
        }
        refuseWhatArrived()
        close()
    }

    /// Where nothing was in flight the loop may not have read since the draining began, and nobody reads once the socket is
    /// closed. Bounded, since clients may go on sending.
    private func refuseWhatArrived() {
        for _ in 0..<Self.lastReads {
            guard readMessages() else { return }
        }
    }

    private func abandonCalls() {
        for serial in calls.keys {
            end(serial, Status(code: .unavailable, message: "the node is shutting down"))
        }
        // A body that ignores its cancellation must not hold up the end.
        for continuation in drained { continuation.resume() }
        drained.removeAll()
    }

    private func close() {
        if let socketID { loop.remove(socketID) }
        socketID = nil
        socket?.linger(.milliseconds(500))
        if security != nil { socket?.stopMonitor() }
        socket?.close()
        socket = nil
    }

    private func openSocket(toListenOn address: String) async throws(SwitchboardError) -> Socket {
        if let socket { return socket }
        let endpoint = "inproc://clients-\(Bits128.random())"
        let socket = try makeSocket(toListenOn: address, tellingAt: endpoint)
        // Before it listens, so that somebody hears of the first client.
        if let security { try await security.doorkeeper.watch(at: endpoint) }
        self.socket = socket
        socketID = loop.add(socket, owner: self)
        scheduleProbes()
        return socket
    }

    private func makeSocket(
        toListenOn address: String,
        tellingAt endpoint: String,
    ) throws(SwitchboardError) -> Socket {
        do {
            let socket = try Socket(.router, context: context)
            if let security {
                try socket.takeKeysOnly(as: security.pair)
                try socket.monitorClients(at: endpoint)
            }
            return socket
        } catch {
            throw Self.cannotListen(on: address, error)
        }
    }

    /// libzmq tells of a peer that has gone only when something is sent to it, and a stream may have nothing to say. So
    /// each open stream gets an empty grant now and then; where that cannot be delivered the caller has gone.
    private func scheduleProbes() {
        loop.schedule(at: .now + .seconds(5)) { [weak self] in
            self?.assumeIsolated { server in
                guard server.socket != nil else { return }
                for call in server.calls.values where call.entry.limits.isStream {
                    // Where something waits to be sent, sending that tells as well.
                    guard !server.backlogs.hasSome(for: call.route[0]) else { continue }
                    server.send(Header(kind: .grant, callID: call.callID), to: call.route)
                }
                server.meters = server.meters.filter { $0.value.bytes > 0 }
                server.scheduleProbes()
            }
        }
    }

    /// Bytes on the way to clients: those that libzmq has of large frames, and those that wait here.
    package var heldBytes: (unsent: Int, waiting: Int) { (unsent.bytes, backlogs.bytes) }

    /// Calls that are owed a reply.
    package var openCalls: Int { calls.count }

    // MARK: Frames in

    package nonisolated func socketIsReadable(_ id: PollLoop.SocketID) -> Bool {
        assumeIsolated { $0.readMessages() }
    }

    package nonisolated func socketIsWritable(_ id: PollLoop.SocketID) {}

    /// Reads a bounded number of messages, so that timers and other sockets get their turn.
    private func readMessages() -> Bool {
        for _ in 0..<64 {
            // So that a reply goes out at its deadline also while many messages come in.
            loop.runDueTimers()
            guard let socket else { return false }
            do {
                guard let message = try socket.receive(maximumFrames: limits.routeFrames + 2) else { return false }
                take(message)
            } catch {
                events.refused("receive_failed")
                return false
            }
        }
        return true
    }

    private func take(_ message: ReceivedMessage) {
        let frames = message.frames
        guard !message.isCut else { return events.refused("too_many_frames") }
        guard frames.count >= 3 else { return events.refused("missing_frames") }
        let route = Array(frames.dropLast(2))
        guard route.allSatisfy({ $0.count <= limits.routeFrameBytes }) else { return events.refused("long_route") }
        let payload = frames[frames.count - 1]
        let written = frames[frames.count - 2]
        let header: Header
        do {
            header = try Header(decoding: written)
        } catch {
            events.refused("bad_header")
            return reply(
                route: written.isEmpty ? route + [[]] : route,
                callID: callID(ofRefused: written, from: route),
                Status(
                    code: error.code,
                    message: "the frame before the last is no header of version \(Header.version): \(error.message)"
                ),
                payload: [],
            )
        }
        guard let caller = caller(of: message.sender) else { return refuse(message.sender, header, route: route) }
        settle(route[0], message.sender)
        switch header.kind {
        case .call:
            let bytes = written.count + payload.count
            open(route: route, header: header, payload: payload, bytes: bytes, by: caller, message.sender)
        case .message: receive(payload, for: CallKey(route: route, callID: header.callID))
        case .halfClose: closeInput(of: CallKey(route: route, callID: header.callID))
        case .cancel: cancel(CallKey(route: route, callID: header.callID))
        case .grant:
            grant(header.grant, byteLimit: header.byteLimit, to: CallKey(route: route, callID: header.callID))
        case .reply: events.refused("reply_to_server")
        }
    }

    /// The call that a refused header is about, so that its caller gets an answer; 0 where it cannot be told, and where
    /// that call is open, which gets a reply of its own.
    private func callID(ofRefused header: [UInt8], from route: [[UInt8]]) -> UInt64 {
        guard let callID = header.withUnsafeBytes({ Header.callID(ofRefused: $0) }) else { return 0 }
        return serials[CallKey(route: route, callID: callID)] == nil ? callID : 0
    }

    /// - Parameter bytes: of header and payload.
    private func open(
        route: [[UInt8]],
        header: Header,
        payload: [UInt8],
        bytes: Int,
        by caller: Caller,
        _ sender: Sender,
    ) {
        let arrival = ContinuousClock.now
        func refuse(_ code: StatusCode, _ message: String, retryAfter: Duration? = nil) {
            events.finished(header.method, code, .now - arrival)
            reply(
                route: route,
                callID: header.callID,
                Status(code: code, message: message, retryAfter: retryAfter),
                payload: []
            )
        }
        guard let entry = services.entries[header.method] else {
            events.refused("unknown_method")
            // The name comes from outside, so metrics do not get it as a label.
            return reply(
                route: route,
                callID: header.callID,
                Status(code: .unimplemented, message: "\(Self.noSuchMethod); docs/protocol.md lists them"),
                payload: [],
            )
        }
        if let denial = denial(of: header.method, to: caller) { return refuse(denial.code, denial.message) }
        guard !isDraining else { return refuse(.unavailable, "the node is shutting down; connect to another") }
        if entry.limits.isStream, route.count > 1 {
            return refuse(
                .invalidArgument,
                "\(header.method) streams; call it from a DEALER socket, without a delimiter"
            )
        }
        if entry.limits.isStream, header.callID == 0 {
            return refuse(.invalidArgument, "\(header.method) streams; call it with a call id other than 0")
        }
        let key = CallKey(route: route, callID: header.callID)
        if serials[key] != nil {
            return refuse(.alreadyExists, "call id \(header.callID) is in use by an open call of this socket")
        }
        if let refusal = refusal(of: entry, bytes: bytes, from: route, by: caller) {
            return refuse(refusal.code, refusal.message, retryAfter: refusal.retryAfter)
        }
        start(
            OpenCall(
                route: route,
                sender: sender,
                callID: header.callID,
                entry: entry,
                context: makeContext(header, entry, arrival, from: route, by: caller)
            ),
            key: key,
            header: header,
            payload: payload,
            bytes: bytes
        )
    }

    /// - Returns: with a serial number of its own.
    private func makeContext(
        _ header: Header,
        _ entry: ServiceTable.Entry,
        _ arrival: ContinuousClock.Instant,
        from route: [[UInt8]],
        by caller: Caller,
    ) -> CallContext {
        lastSerial += 1
        var time = header.timeLeft ?? entry.limits.defaultTime
        if !entry.limits.isStream { time = min(time ?? .zero, MethodLimits.maximumUnaryTime) }
        return CallContext(
            method: header.method,
            deadline: time.map { arrival + $0 },
            metadata: header.metadata,
            arrival: arrival,
            client: clientIdentity(of: route, by: caller),
            serial: lastSerial,
            server: self,
            caller: caller,
        )
    }

    private func start(_ opened: OpenCall, key: CallKey, header: Header, payload: [UInt8], bytes: Int) {
        var call = opened
        let (route, entry, context) = (call.route, call.entry, call.context)
        let serial = context.serial
        if entry.limits.isStream {
            call.stream = StreamState(
                granting: entry.readsStream ? StreamState.firstWindow : 0,
                maySend: header.grant,
                byteLimit: header.byteLimit
            )
        }
        if let deadline = context.deadline {
            call.timer = loop.schedule(at: deadline) { [self] in assumeIsolated { $0.expire(serial) } }
        }
        calls[serial] = call
        if header.callID != 0 { serials[key] = serial }
        let client = route[0]
        occupy(entry, client: client, key: context.client, bytes: bytes)
        clients[client]?.open.insert(serial)
        running += 1
        if entry.readsStream {
            let (window, bytes) = (StreamState.firstWindow, StreamState.windowBytes)
            send(Header(kind: .grant, callID: header.callID, grant: window, byteLimit: bytes), to: route)
        }
        // Started at once: a body that never waits costs no trip through the executor.
        let task = Task.immediate {
            await self.run(serial, entry: entry, context: context, payload: payload, bytes: bytes, client: client)
        }
        calls[serial]?.task = task
    }

    private func run(
        _ serial: UInt64,
        entry: ServiceTable.Entry,
        context: CallContext,
        payload: [UInt8],
        bytes: Int,
        client: [UInt8],
    ) async {
        var status = Status.ok
        var response: [UInt8] = []
        do {
            switch entry.body {
            case .unary(let body): response = try await body(payload, context)
            case .stream(let body): try await body(payload, context)
            }
        } catch let error as SwitchboardError {
            status = Status(error)
            if let reason = error.refusedInput { events.refused(reason) }
        } catch is CancellationError {
            status = Status(code: .cancelled, message: "the call was cancelled")
        } catch {
            status = Status(code: .internal, message: "the call failed inside the node: \(type(of: error))")
        }
        finish(serial, status, payload: response)
        release(entry, client: client, key: context.client, bytes: bytes)
        running -= 1
        if isDraining, running == 0 {
            for continuation in drained { continuation.resume() }
            drained.removeAll()
        }
    }
}

extension SwitchboardError {
    /// What of a request was wrong, as metrics count it; nil where something else went wrong.
    fileprivate var refusedInput: String? {
        if let field { return "bad_\(field)" }
        return code == .invalidArgument ? "bad_argument" : nil
    }
}
