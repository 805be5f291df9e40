package import Core
package import Messaging
package import Wire

/// A connection to one server: opens calls on a DEALER socket and brings each its reply.
///
/// Runs on its poll loop. Where nobody answers at the address it fails calls at once with UNAVAILABLE, and goes on trying
/// in the background; a lost connection fails all calls that were open on it. Nothing is sent again: retries are the
/// caller's.
package actor CallChannel: SocketOwner {
    package struct Options: Sendable {
        /// Calls open at a time; more are refused.
        package var maximumOpenCalls = 4_096
        /// How long the first connection may take before calls that wait for it fail.
        package var connectTime = Duration.seconds(2)

        package init() {}
    }

    private enum Link {
        /// To `.up` or `.down`.
        case connecting
        /// To `.down`.
        case up
        /// To `.up`, as libzmq goes on trying.
        case down(String)
    }

    private enum Answer {
        case unary(CheckedContinuation<Result<[UInt8], SwitchboardError>, Never>)
        case stream
    }

    private struct OpenCall {
        let method: String
        let answer: Answer
        var stream: StreamState?
        /// Of its deadline.
        var timer: PollLoop.TimerID?
        var hasEnded = false
    }

    /// How the message of a call begins for which nobody was there.
    package static let noAnswer = "no node answers at"

    package nonisolated let address: String
    package nonisolated let loop: PollLoop
    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private let context: MessagingContext
    private let options: Options
    private var socket: Socket?
    private var socketID: PollLoop.SocketID?
    private var monitor: Socket?
    private var monitorID: PollLoop.SocketID?
    private var link = Link.connecting
    private var isClosed = false
    private var calls: [UInt64: OpenCall] = [:]
    private var lastCallID: UInt64 = 0
    private var outbox: [[[UInt8]]] = []

    /// - Parameter address: as libzmq writes it: `tcp://host:port`, `ipc://path` or `inproc://name`.
    package init(address: String, loop: PollLoop, context: MessagingContext, options: Options = Options()) {
        self.address = address
        self.loop = loop
        self.context = context
        self.options = options
    }

    /// Ends the calls that are open and closes the socket. To be awaited before the loop is stopped.
    package func close() {
        isClosed = true
        failAll(SwitchboardError(.cancelled, "the connection to \(address) was closed"))
        if let socketID { loop.remove(socketID) }
        if let monitorID { loop.remove(monitorID) }
        monitor?.close()
        socket?.linger(.milliseconds(200))
        socket?.close()
        socket = nil
        monitor = nil
    }

    // MARK: Unary

    package func call<Request, Response>(
        _ method: Method<Request, Response>,
        _ request: Request,
        within time: Duration? = nil,
        metadata: [Metadata] = [],
    ) async throws(SwitchboardError) -> Response {
        let payload = try await call(
            method.name,
            request.encoded(),
            within: time ?? method.limits.defaultTime,
            metadata: metadata
        )
        return try Response(decoding: payload)
    }

    /// The same with request and response as bytes.
    ///
    /// - Throws: what the server answered, `.unavailable` where it cannot be reached, `.deadlineExceeded`, `.cancelled`.
    package func call(
        _ method: String,
        _ payload: [UInt8],
        within time: Duration?,
        metadata: [Metadata] = [],
    ) async throws(SwitchboardError) -> [UInt8] {
        let deadline = time.map { ContinuousClock.now + $0 }
        let callID = try begin()
        return try await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                enter(OpenCall(method: method, answer: .unary(continuation)), as: callID, until: deadline)
                send(
                    Header(kind: .call, callID: callID, method: method, timeLeft: time, metadata: metadata),
                    payload
                )
            }
        } onCancel: {
            Task { await self.cancel(callID) }
        }.get()
    }

    // MARK: Streams

    /// Opens a stream that reads responses.
    package func open<Request, Response>(
        _ method: Method<Request, Response>,
        _ request: Request,
        within time: Duration? = nil,
    ) async throws(SwitchboardError) -> ClientStream<Request, Response> {
        try openStream(method, payload: request.encoded(), within: time)
    }

    /// Opens a stream both ways.
    package func open<Request, Response>(
        _ method: Method<Request, Response>,
        within time: Duration? = nil,
    ) async throws(SwitchboardError) -> ClientStream<Request, Response> {
        try openStream(method, payload: [], within: time)
    }

    private func openStream<Request, Response>(
        _ method: Method<Request, Response>,
        payload: [UInt8],
        within time: Duration?,
    ) throws(SwitchboardError) -> ClientStream<Request, Response> {
        let callID = try begin()
        let deadline = time.map { ContinuousClock.now + $0 }
        var call = OpenCall(method: method.name, answer: .stream)
        call.stream = StreamState(granting: StreamState.window, maySend: 0)
        enter(call, as: callID, until: deadline)
        send(
            Header(
                kind: .call,
                callID: callID,
                method: method.name,
                timeLeft: time,
                grant: StreamState.window
            ),
            payload
        )
        return ClientStream(channel: self, callID: callID)
    }

    func nextMessage(of callID: UInt64) async throws(SwitchboardError) -> [UInt8]? {
        let ended = ended
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if calls[callID]?.stream?.read(continuation) == nil { continuation.resume(returning: .failure(ended)) }
            }
        } onCancel: {
            Task { await self.cancel(callID) }
        }
        if let grant = calls[callID]?.stream?.takeGrant(), grant > 0, calls[callID]?.hasEnded == false {
            send(Header(kind: .grant, callID: callID, grant: grant), [])
        }
        switch result {
        case .success(.some(let message)): return message
        case .success(.none):
            calls[callID] = nil
            return nil
        case .failure(let error):
            calls[callID] = nil
            throw error
        }
    }

    func sendMessage(_ message: [UInt8], to callID: UInt64) async throws(SwitchboardError) {
        let ended = ended
        try await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if calls[callID]?.stream?.write(continuation) == nil { continuation.resume(returning: .failure(ended)) }
            }
        } onCancel: {
            Task { await self.cancel(callID) }
        }.get()
        send(Header(kind: .message, callID: callID), message)
    }

    func halfClose(_ callID: UInt64) {
        guard calls[callID]?.hasEnded == false else { return }
        send(Header(kind: .halfClose, callID: callID), [])
    }

    /// Gives a call up: its waiting reader or caller gets CANCELLED, the server is told.
    func cancel(_ callID: UInt64) {
        abandon(callID, SwitchboardError(.cancelled, "the call was cancelled"))
        // Whoever gives a stream up reads it no more; a later read is told that the call has ended.
        calls[callID] = nil
    }

    // MARK: Calls in flight

    private var ended: SwitchboardError { SwitchboardError(.cancelled, "the call has ended") }

    private func begin() throws(SwitchboardError) -> UInt64 {
        guard !isClosed else { throw SwitchboardError(.cancelled, "the connection to \(address) was closed") }
        try connect()
        if case .down(let reason) = link { throw unreachable(reason) }
        guard calls.count < options.maximumOpenCalls else {
            throw SwitchboardError(
                .resourceExhausted,
                "\(options.maximumOpenCalls) calls to \(address) are open, which is the most",
                retryAfter: .milliseconds(10)
            )
        }
        lastCallID += 1
        return lastCallID
    }

    private func enter(_ call: OpenCall, as callID: UInt64, until deadline: ContinuousClock.Instant?) {
        var call = call
        if let deadline {
            call.timer = loop.schedule(at: deadline) { [self] in assumeIsolated { $0.expire(callID) } }
        }
        calls[callID] = call
    }

    /// Tells whoever waits how a call ended. A stream stays until its reader knows.
    private func end(_ callID: UInt64, _ result: Result<[UInt8], SwitchboardError>) {
        guard var call = calls[callID], !call.hasEnded else { return }
        if let timer = call.timer { loop.cancel(timer) }
        switch call.answer {
        case .unary(let continuation):
            calls[callID] = nil
            continuation.resume(returning: result)
        case .stream:
            call.hasEnded = true
            switch result {
            case .success:
                call.stream?.closeInput()
                call.stream?.closeOutput(ended)
            case .failure(let error): call.stream?.fail(error)
            }
            calls[callID] = call
        }
    }

    /// Ends a call that the server has not ended, and tells the server.
    private func abandon(_ callID: UInt64, _ error: SwitchboardError) {
        guard calls[callID]?.hasEnded == false else { return }
        send(Header(kind: .cancel, callID: callID), [])
        end(callID, .failure(error))
    }

    private func expire(_ callID: UInt64) {
        abandon(callID, SwitchboardError(.deadlineExceeded, "\(address) did not answer within the deadline"))
    }

    private func failAll(_ error: SwitchboardError) {
        outbox.removeAll()
        for callID in Array(calls.keys) { end(callID, .failure(error)) }
    }

    // MARK: Connection

    private func unreachable(_ reason: String) -> SwitchboardError {
        SwitchboardError(.unavailable, "\(Self.noAnswer) \(address): \(reason)")
    }

    private func connect() throws(SwitchboardError) {
        guard socket == nil else { return }
        do {
            let socket = try Socket(.dealer, context: context)
            self.socket = socket
            socketID = loop.add(socket, owner: self)
            if address.hasPrefix("inproc:") {
                link = .up
            } else {
                try watchConnection(of: socket)
                try socket.sendOnlyWhenConnected()
                loop.schedule(at: .now + options.connectTime) { [self] in assumeIsolated { $0.giveUpConnecting() } }
            }
            try socket.connect(address)
        } catch {
            throw SwitchboardError(.unavailable, "cannot connect to \(address): \(error.reason)")
        }
    }

    private func watchConnection(of socket: Socket) throws(ZMQError) {
        let endpoint = "inproc://monitor-\(Bits128.random())"
        try socket.monitor(at: endpoint)
        let monitor = try Socket(.pair, context: context)
        self.monitor = monitor
        try monitor.connect(endpoint)
        monitorID = loop.add(monitor, owner: self)
    }

    private func giveUpConnecting() {
        if case .connecting = link { goDown("no connection within \(options.connectTime)") }
    }

    private func goDown(_ reason: String) {
        link = .down(reason)
        failAll(unreachable(reason))
    }

    private func readMonitor() {
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

    // MARK: Frames

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

    private func send(_ header: Header, _ payload: [UInt8]) {
        let frames = [header.encoded(), payload]
        guard let socket, outbox.isEmpty else {
            if socket != nil { outbox.append(frames) }
            return
        }
        do {
            try socket.send(frames)
        } catch {
            // Bounded by the open calls, each of which has at most its window of messages here.
            outbox.append(frames)
            watchWritable()
        }
    }

    /// While there is no connection libzmq calls the socket unwritable, and the monitor tells when to go on.
    private func watchWritable() {
        if let socketID { loop.watch(socketID, writable: !outbox.isEmpty) }
    }

    private func flush() {
        guard let socket else { return }
        var sent = 0
        for frames in outbox {
            guard (try? socket.send(frames)) != nil else { break }
            sent += 1
        }
        outbox.removeFirst(sent)
        watchWritable()
    }

    private func readMessages() -> Bool {
        for _ in 0..<64 {
            guard let message = try? socket?.receive(maximumFrames: 4) else { return false }
            guard message.frames.count >= 2,
                let header = try? Header(decoding: message.frames[message.frames.count - 2])
            else { continue }
            take(header, payload: message.frames[message.frames.count - 1])
        }
        return true
    }

    private func take(_ header: Header, payload: [UInt8]) {
        let callID = header.callID
        guard let call = calls[callID], !call.hasEnded else { return }
        switch header.kind {
        case .reply:
            if let error = (header.status ?? .ok).error {
                end(callID, .failure(explained(error, method: call.method)))
            } else {
                end(callID, .success(payload))
            }
        case .message:
            guard calls[callID]?.stream?.receive(payload) == true else {
                return cancel(callID)
            }
        case .grant: calls[callID]?.stream?.grant(header.grant)
        case .call, .halfClose, .cancel: break
        }
    }

    /// A node that has no such method has it at another port, most likely.
    private func explained(_ error: SwitchboardError, method: String) -> SwitchboardError {
        guard error.code == .unimplemented, error.message.hasPrefix(CallServer.noSuchMethod) else { return error }
        let advice =
            switch serviceName(ofMethod: method) {
            case "switchboard.v1.Index": "; it looks like a router port, and the index is usually at that port + 2"
            case "switchboard.v1.Router": "; the router port is usually 7700, and the index at that port + 2"
            default: ""
            }
        return SwitchboardError(.unimplemented, "\(address) does not serve \(method)\(advice)")
    }
}
