package import Core
package import Messaging
internal import Wire

/// Serves calls on one ROUTER socket: reads frames, runs the methods' bodies, and sees to it that every unary call gets
/// exactly one reply, at its deadline at the latest.
///
/// Runs on its poll loop. Bounded: calls, streams and bytes a service and a client, replies that wait for a slow client.
/// It refuses what exceeds that, at once, with RESOURCE_EXHAUSTED; streams wait for a client that reads slowly. It knows
/// no method by name.
package actor CallServer: SocketOwner {
    /// How the message begins for a method that this port does not know.
    static let noSuchMethod = "no such method here"

    private struct OpenCall {
        let route: [[UInt8]]
        let callID: UInt64
        let entry: ServiceTable.Entry
        let context: CallContext
        var stream: StreamState?
        var task: Task<Void, Never>?
    }

    private struct CallKey: Hashable {
        let route: [[UInt8]]
        let callID: UInt64
    }

    /// What a service has to do. What a call took is given back when its body has ended.
    private struct Load {
        var calls = 0
        var streams = 0
        var bytes = 0
        /// Bytes of stream messages that wait to be read.
        var unread = 0

        mutating func add(_ method: MethodLimits, _ count: Int, bytes: Int) {
            if method.isStream { streams += count } else { calls += count }
            self.bytes += bytes
        }
    }

    /// What a client has here, as long as it has anything.
    private struct Client {
        var calls = 0
        var streams = 0
        var unread = 0
        /// Its calls that are owed a reply.
        var open: Set<UInt64> = []

        mutating func add(_ method: MethodLimits, _ count: Int) {
            if method.isStream { streams += count } else { calls += count }
        }
    }

    nonisolated let loop: PollLoop
    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private let services: ServiceTable
    private let limits: Limits
    private let events: CallEvents
    private let context: MessagingContext
    private var socket: Socket?
    private var socketID: PollLoop.SocketID?

    private var calls: [UInt64: OpenCall] = [:]
    private var serials: [CallKey: UInt64] = [:]
    private var lastSerial: UInt64 = 0
    private var deadlines = DeadlineQueue()
    private var timer: (id: PollLoop.TimerID, instant: ContinuousClock.Instant)?
    private var serviceLoads: [String: Load] = [:]
    private var clients: [[UInt8]: Client] = [:]
    /// Of clients that were sent something large lately.
    private var meters: [[UInt8]: SendMeter] = [:]
    private var backlogs: [[UInt8]: Backlog] = [:]
    private var isBacklogScheduled = false
    private var isDraining = false
    private var drained: [CheckedContinuation<Void, Never>] = []
    private var running = 0

    package init(
        services: ServiceTable,
        loop: PollLoop,
        context: MessagingContext,
        limits: Limits = Limits(),
        events: CallEvents = CallEvents(),
    ) {
        self.services = services
        self.loop = loop
        self.context = context
        self.limits = limits
        self.events = events
    }

    // MARK: Life

    /// Listens on one more address.
    ///
    /// - Returns: the address as bound, with the port that was picked for port 0.
    /// - Throws: `.unavailable` where the address is in use or not to be had, naming it.
    package func listen(on address: String) throws(SwitchboardError) -> String {
        do {
            let socket = try openSocket()
            return try socket.bind(address)
        } catch {
            throw SwitchboardError(.unavailable, "cannot listen on \(address): \(error.reason)")
        }
    }

    /// Takes no new calls, lets unary calls in flight finish until `deadline`, ends streams with UNAVAILABLE, closes.
    package func drain(until deadline: ContinuousClock.Instant) async {
        guard !isDraining else { return }
        isDraining = true
        for (serial, call) in calls where call.entry.limits.isStream {
            finish(serial, Status(code: .unavailable, message: "the node is shutting down; connect to another"))
            call.task?.cancel()
        }
        if running > 0 {
            loop.schedule(at: deadline) { [self] in assumeIsolated { $0.abandonCalls() } }
            await withCheckedContinuation { drained.append($0) }
        }
        close()
    }

    private func abandonCalls() {
        for (serial, call) in calls {
            finish(serial, Status(code: .unavailable, message: "the node is shutting down"))
            call.task?.cancel()
        }
        // A body that ignores its cancellation must not hold up the end.
        for continuation in drained { continuation.resume() }
        drained.removeAll()
    }

    private func close() {
        if let timer { loop.cancel(timer.id) }
        timer = nil
        if let socketID { loop.remove(socketID) }
        socketID = nil
        socket?.linger(.milliseconds(500))
        socket?.close()
        socket = nil
    }

    private func openSocket() throws(ZMQError) -> Socket {
        if let socket { return socket }
        let socket = try Socket(.router, context: context)
        self.socket = socket
        socketID = loop.add(socket, owner: self)
        scheduleProbes()
        return socket
    }

    /// libzmq tells of a peer that has gone only when something is sent to it, and a stream may have nothing to say. So
    /// each open stream gets an empty grant now and then; where that cannot be delivered the caller has gone.
    private func scheduleProbes() {
        loop.schedule(at: .now + .seconds(5)) { [weak self] in
            self?.assumeIsolated { server in
                guard server.socket != nil else { return }
                for call in server.calls.values where call.entry.limits.isStream {
                    // Where something waits to be sent, sending that tells as well.
                    guard server.backlogs[call.route[0]] == nil else { continue }
                    server.send(Header(kind: .grant, callID: call.callID), to: call.route)
                }
                server.meters = server.meters.filter { $0.value.bytes > 0 }
                server.scheduleProbes()
            }
        }
    }

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
            expireDueCalls()
            guard let socket else { return false }
            do {
                guard let message = try socket.receive(maximumFrames: limits.routeFrames + 2) else { return false }
                take(message.frames, isCut: message.isCut)
            } catch {
                events.refused("receive_failed")
                return false
            }
        }
        return true
    }

    private func take(_ frames: [[UInt8]], isCut: Bool) {
        guard !isCut else { return events.refused("too_many_frames") }
        guard frames.count >= 3 else { return events.refused("missing_frames") }
        let route = Array(frames.dropLast(2))
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
        switch header.kind {
        case .call: open(route: route, header: header, payload: payload)
        case .message: receive(payload, for: CallKey(route: route, callID: header.callID))
        case .halfClose: closeInput(of: CallKey(route: route, callID: header.callID))
        case .cancel: cancel(CallKey(route: route, callID: header.callID))
        case .grant: grant(header.grant, to: CallKey(route: route, callID: header.callID))
        case .reply: events.refused("reply_to_server")
        }
    }

    /// The call that a refused header is about, so that its caller gets an answer; 0 where it cannot be told, and where
    /// that call is open, which gets a reply of its own.
    private func callID(ofRefused header: [UInt8], from route: [[UInt8]]) -> UInt64 {
        guard let callID = header.withUnsafeBytes({ Header.callID(ofRefused: $0) }) else { return 0 }
        return serials[CallKey(route: route, callID: callID)] == nil ? callID : 0
    }

    private func open(route: [[UInt8]], header: Header, payload: [UInt8]) {
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
        if case .planned = entry.body {
            return refuse(.unimplemented, "\(header.method) is not served by this version")
        }
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
        if let refusal = refusal(of: entry, bytes: payload.count, from: route[0]) {
            return refuse(refusal.code, refusal.message, retryAfter: refusal.retryAfter)
        }
        start(route: route, key: key, entry: entry, header: header, payload: payload, arrival: arrival)
    }

    /// Why there is no room for one more call; nil where there is.
    private func refusal(of entry: ServiceTable.Entry, bytes: Int, from client: [UInt8]) -> SwitchboardError? {
        func full(_ message: String, retryAfter: Duration) -> SwitchboardError {
            SwitchboardError(.resourceExhausted, message, retryAfter: retryAfter)
        }
        let own = clients[client, default: Client()]
        let load = serviceLoads[entry.service, default: Load()]
        if entry.limits.isStream {
            guard own.streams < limits.streamsPerClient else {
                let most = limits.streamsPerClient
                return full("this client has \(most) streams open, which is the most", retryAfter: .seconds(1))
            }
            guard load.streams < limits.streamsPerService else {
                return full("\(entry.service) has as many streams open as it takes", retryAfter: .seconds(1))
            }
        } else {
            guard own.calls < limits.callsPerClient else {
                let most = limits.callsPerClient
                return full("this client has \(most) calls in flight, which is the most", retryAfter: .milliseconds(20))
            }
            guard load.calls < limits.callsPerService else {
                return full("\(entry.service) has as many calls in flight as it takes", retryAfter: .milliseconds(50))
            }
        }
        guard load.bytes + bytes <= limits.bytesPerService else {
            return full("\(entry.service) has as many bytes in flight as it takes", retryAfter: .milliseconds(50))
        }
        return nil
    }

    private func start(
        route: [[UInt8]],
        key: CallKey,
        entry: ServiceTable.Entry,
        header: Header,
        payload: [UInt8],
        arrival: ContinuousClock.Instant,
    ) {
        lastSerial += 1
        let serial = lastSerial
        var time = header.timeLeft ?? entry.limits.defaultTime
        if !entry.limits.isStream { time = min(time ?? .zero, MethodLimits.maximumUnaryTime) }
        let deadline = time.map { arrival + $0 }
        let context = CallContext(
            method: header.method,
            deadline: deadline,
            metadata: header.metadata,
            arrival: arrival,
            serial: serial,
            server: self,
        )
        var call = OpenCall(route: route, callID: header.callID, entry: entry, context: context)
        if entry.limits.isStream {
            call.stream = StreamState(granting: entry.readsStream ? StreamState.firstWindow : 0, maySend: header.grant)
        }
        calls[serial] = call
        if header.callID != 0 { serials[key] = serial }
        let client = route[0]
        serviceLoads[entry.service, default: Load()].add(entry.limits, 1, bytes: payload.count)
        clients[client, default: Client()].add(entry.limits, 1)
        clients[client]?.open.insert(serial)
        running += 1
        if entry.readsStream {
            send(Header(kind: .grant, callID: header.callID, grant: StreamState.firstWindow), to: route)
        }
        if let deadline {
            deadlines.add(serial, at: deadline)
            deadlines.compact(openCount: calls.count) { calls[$0] != nil }
            armTimer()
        }
        // Started at once: a body that never waits costs no trip through the executor.
        let task = Task.immediate {
            await self.run(serial, entry: entry, context: context, payload: payload, client: client)
        }
        calls[serial]?.task = task
    }

    private func run(
        _ serial: UInt64,
        entry: ServiceTable.Entry,
        context: CallContext,
        payload: [UInt8],
        client: [UInt8],
    ) async {
        var status = Status.ok
        var response: [UInt8] = []
        do {
            switch entry.body {
            case .unary(let body): response = try await body(payload, context)
            case .stream(let body): try await body(payload, context)
            case .planned: status = Status(code: .unimplemented)
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
        release(entry, client: client, bytes: payload.count)
        running -= 1
        if isDraining, running == 0 {
            for continuation in drained { continuation.resume() }
            drained.removeAll()
        }
    }

    /// What a call took is free only when its body has ended, also where the reply went out before.
    private func release(_ entry: ServiceTable.Entry, client: [UInt8], bytes: Int) {
        serviceLoads[entry.service]?.add(entry.limits, -1, bytes: -bytes)
        clients[client]?.add(entry.limits, -1)
        if let left = clients[client], left.calls == 0, left.streams == 0 { clients[client] = nil }
    }

    // MARK: Ends of calls

    /// Sends the one reply of a call, unless it has had it.
    func finish(_ serial: UInt64, _ status: Status, payload: [UInt8] = []) {
        guard let call = remove(serial, because: status.error ?? ended) else { return }
        events.finished(call.context.method, status.code, .now - call.context.arrival)
        reply(route: call.route, callID: call.callID, status, payload: status.code == .ok ? payload : [])
    }

    func reply(route: [[UInt8]], callID: UInt64, _ status: Status, payload: [UInt8]) {
        send(Header(kind: .reply, callID: callID, status: status), payload: payload, to: route)
    }

    /// The caller gave up: no reply, and the body is told.
    private func cancel(_ key: CallKey) {
        guard let serial = serials[key] else { return }
        drop(serial, because: SwitchboardError(.cancelled, "the caller gave the call up"))
    }

    func drop(_ serial: UInt64, because error: SwitchboardError) {
        guard let call = remove(serial, because: error) else { return }
        events.finished(call.context.method, error.code, .now - call.context.arrival)
        call.task?.cancel()
    }

    /// Takes a call out of all that knows it. Its stream's reader and writers are told why.
    private func remove(_ serial: UInt64, because error: SwitchboardError) -> OpenCall? {
        countUnread(-unreadBytes(of: serial), of: serial)
        guard var call = calls.removeValue(forKey: serial) else { return nil }
        let client = call.route[0]
        if call.callID != 0 { serials[CallKey(route: call.route, callID: call.callID)] = nil }
        clients[client]?.open.remove(serial)
        if call.stream?.isHeld == true { backlogs[client]?.remove(stream: serial) }
        call.stream?.fail(error)
        return call
    }

    private func armTimer() {
        guard let earliest = deadlines.earliest else { return }
        if let timer {
            guard earliest < timer.instant else { return }
            loop.cancel(timer.id)
        }
        let id = loop.schedule(at: earliest) { [self] in assumeIsolated { $0.expireCalls() } }
        timer = (id, earliest)
    }

    /// So that a reply goes out at its deadline also while many messages come in.
    private func expireDueCalls() {
        guard let earliest = deadlines.earliest, earliest <= .now else { return }
        if let timer { loop.cancel(timer.id) }
        expireCalls()
    }

    private func expireCalls() {
        timer = nil
        let now = ContinuousClock.now
        while let serial = deadlines.popDue(now: now) {
            guard let call = calls[serial] else { continue }
            finish(serial, Status(code: .deadlineExceeded, message: "the deadline passed before the call was done"))
            call.task?.cancel()
        }
        armTimer()
    }

    // MARK: Streams

    private func receive(_ payload: [UInt8], for key: CallKey) {
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

    private func end(_ serial: UInt64, _ status: Status) {
        let task = calls[serial]?.task
        finish(serial, status)
        task?.cancel()
    }

    /// Whether a stream message may wait to be read. A stream none of whose messages wait gets room for one where only
    /// others have used up the service's share, up to twice that.
    private func hasRoom(for bytes: Int, of serial: UInt64) -> Bool {
        guard let call = calls[serial], let stream = call.stream, !stream.hasReader else { return true }
        let client = clients[call.route[0], default: Client()].unread + bytes
        let service = serviceLoads[call.entry.service, default: Load()].unread + bytes
        let share = limits.bytesPerService
        return client <= limits.unreadBytesPerClient && service <= (stream.isEmpty ? 2 * share : share)
    }

    private func unreadBytes(of serial: UInt64) -> Int { calls[serial]?.stream?.unreadBytes ?? 0 }

    private func countUnread(_ change: Int, of serial: UInt64) {
        guard change != 0, let call = calls[serial] else { return }
        serviceLoads[call.entry.service]?.unread += change
        clients[call.route[0]]?.unread += change
    }

    private func closeInput(of key: CallKey) {
        guard let serial = serials[key] else { return }
        calls[serial]?.stream?.closeInput()
    }

    private func grant(_ count: Int, to key: CallKey) {
        guard let serial = serials[key] else { return }
        calls[serial]?.stream?.grant(count)
    }

    private func grantMore(_ serial: UInt64) {
        guard let call = calls[serial], call.entry.readsStream else { return }
        // Half of what there is room for is left to what has been granted already.
        let isShort =
            clients[call.route[0], default: Client()].unread > limits.unreadBytesPerClient / 2
            || serviceLoads[call.entry.service, default: Load()].unread > limits.bytesPerService / 2
        guard let grant = calls[serial]?.stream?.takeGrant(isShort: isShort), grant > 0 else { return }
        send(Header(kind: .grant, callID: call.callID, grant: grant), to: call.route)
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
            if calls[serial]?.stream?.write(continuation) == nil { continuation.resume(returning: .failure(ended)) }
        }.get()
        guard let call = calls[serial] else { return }
        let header = Header(kind: .message, callID: call.callID)
        guard !transmit(call.route + [header.encoded(), message], ofStream: serial) else { return }
        // Nothing else ran since the message was put into the backlog, so writers stand in the order of their messages.
        try await withCheckedContinuation { continuation in
            if calls[serial]?.stream?.hold(continuation) == nil { continuation.resume(returning: .failure(ended)) }
        }.get()
    }

    private var ended: SwitchboardError { SwitchboardError(.cancelled, "the call has ended") }

    // MARK: Frames out

    func send(_ header: Header, payload: [UInt8] = [], to route: [[UInt8]]) {
        transmit(route + [header.encoded(), payload])
    }

    /// Sends, or keeps for a client that reads slowly, or drops a reply where that one's share is full.
    ///
    /// - Parameter stream: the call whose stream the message belongs to; nil for replies.
    /// - Returns: false where it was kept or dropped.
    @discardableResult
    private func transmit(_ frames: [[UInt8]], ofStream stream: UInt64? = nil) -> Bool {
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
    private func mayTakeMore(_ client: [UInt8]) -> Bool {
        guard let meter = meters[client] else { return true }
        return meter.bytes < limits.unsentBytesPerClient
    }

    /// The client's meter, where the message has something to measure.
    private func meter(for frames: [[UInt8]]) -> SendMeter? {
        guard frames.contains(where: { $0.count >= SendMeter.smallestFrame }) else { return nil }
        if let meter = meters[frames[0]] { return meter }
        let meter = SendMeter()
        meters[frames[0]] = meter
        return meter
    }

    private func keep(_ frames: [[UInt8]], ofStream stream: UInt64?) {
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

    private func scheduleBacklog(after pause: Duration) {
        isBacklogScheduled = true
        loop.schedule(at: .now + pause) { [self] in assumeIsolated { $0.sendBacklogs(after: pause) } }
    }

    /// - Parameter pause: doubles, up to 50 ms, as long as nobody takes anything.
    private func sendBacklogs(after pause: Duration) {
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
    private func forget(_ client: [UInt8]) {
        backlogs[client] = nil
        meters[client] = nil
        guard let open = clients[client]?.open else { return }
        for serial in open { drop(serial, because: SwitchboardError(.cancelled, "the caller has gone")) }
    }
}

extension SwitchboardError {
    /// What of a request was wrong, as metrics count it; nil where something else went wrong.
    fileprivate var refusedInput: String? {
        if let field { return "bad_\(field)" }
        return code == .invalidArgument ? "bad_argument" : nil
    }
}
