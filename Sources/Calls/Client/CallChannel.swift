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
        /// What may wait to be sent, as the server does not take it; while there is more, calls are refused. Of streams
        /// that are open there may come on top what the server has granted.
        package var maximumUnsentMessages = 8_192
        package var maximumUnsentBytes = 64 * 1024 * 1024

        package init() {}
    }

    enum Link {
        /// To `.up` or `.down`.
        case connecting
        /// To `.down`.
        case up
        /// To `.up`, as libzmq goes on trying.
        case down(String)
    }

    enum Answer {
        case unary(CheckedContinuation<Result<[UInt8], SwitchboardError>, Never>)
        case stream
    }

    struct OpenCall {
        let method: String
        let answer: Answer
        var stream: StreamState?
        /// Of its deadline.
        var timer: PollLoop.TimerID?
        var hasEnded = false
    }

    /// How the message of a call begins for which nobody was there.
    package static let noAnswer = "no node answers at"

    /// As libzmq takes it, without a key.
    package nonisolated let address: String
    /// Whom it wants to speak to, or what is wrong with the address that it was given.
    let server: Result<KeyedAddress, SwitchboardError>
    /// Its own; nil: it has none.
    let keys: KeyPair?
    package nonisolated let loop: PollLoop
    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    let context: MessagingContext
    let options: Options
    let refused: @Sendable (_ address: String, _ reason: String) -> Void
    /// When that was told last.
    var toldRefusal: ContinuousClock.Instant?
    var socket: Socket?
    var socketID: PollLoop.SocketID?
    var monitor: Socket?
    var monitorID: PollLoop.SocketID?
    var connectTimer: PollLoop.TimerID?
    /// Of the next attempt after a handshake that was refused.
    var reopenTimer: PollLoop.TimerID?
    var link = Link.connecting
    /// When the server took the connection, as long as the handshake has not ended.
    var reached: ContinuousClock.Instant?
    /// Whether the server proved the key that its address names and then did not admit ours.
    package internal(set) var isTurnedAway = false
    private var isClosed = false
    var calls: [UInt64: OpenCall] = [:]
    private var lastCallID: UInt64 = 0
    var outbox = Outbox()
    /// Of what libzmq has taken and not sent yet.
    let meter = SendMeter()

    /// - Parameters:
    ///   - address: `tcp://host:port`, `ipc://path` or `inproc://name`; with `#PUBLICKEY` behind it the server is to prove
    ///     that this is its key, and asks for one of ours.
    ///   - keys: those of this client, where servers ask for them.
    ///   - refused: is told that the server does not let this client in, and why; once a minute at most.
    package init(
        address: String,
        keys: KeyPair? = nil,
        loop: PollLoop,
        context: MessagingContext,
        options: Options = Options(),
        refused: @escaping @Sendable (_ address: String, _ reason: String) -> Void = { _, _ in },
    ) {
        let server = Result { () throws(SwitchboardError) in try KeyedAddress(address) }
        self.server = server
        self.keys = keys
        self.address = (try? server.get().place) ?? address
        self.loop = loop
        self.context = context
        self.options = options
        self.refused = refused
    }

    /// Ends the calls that are open and closes the socket. To be awaited before the loop is stopped.
    package func close() {
        isClosed = true
        failAll(SwitchboardError(.cancelled, "the connection to \(address) was closed"))
        if let reopenTimer { loop.cancel(reopenTimer) }
        reopenTimer = nil
        socket?.linger(.milliseconds(200))
        closeSockets()
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
        return try await Response.decodedAnswer(payload, of: address)
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
                // The loop may have heard that nobody is there since the call began, when it was not yet among those that
                // this ends.
                if let obstacle { return end(callID, .failure(obstacle)) }
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
                grant: StreamState.window,
                byteLimit: StreamState.windowBytes
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
        if let grant = calls[callID]?.stream?.takeGrant(), calls[callID]?.hasEnded == false {
            send(Header(kind: .grant, callID: callID, grant: grant.messages, byteLimit: grant.byteLimit), [])
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
                if calls[callID]?.stream?.write(message.count, continuation) == nil {
                    continuation.resume(returning: .failure(ended))
                }
            }
        } onCancel: {
            Task { await self.cancel(callID) }
        }.get()
        guard calls[callID]?.hasEnded == false else { throw ended }
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

    var ended: SwitchboardError { SwitchboardError(.cancelled, "the call has ended") }

    /// Why no call can be made; nil: one can.
    private var obstacle: SwitchboardError? {
        if isClosed { return SwitchboardError(.cancelled, "the connection to \(address) was closed") }
        if case .down(let reason) = link { return unreachable(reason) }
        return nil
    }

    private func begin() throws(SwitchboardError) -> UInt64 {
        if let obstacle { throw obstacle }
        try connect()
        if let obstacle { throw obstacle }
        guard calls.count < options.maximumOpenCalls else {
            throw SwitchboardError(
                .resourceExhausted,
                "\(options.maximumOpenCalls) calls to \(address) are open, which is the most",
                retryAfter: .milliseconds(10)
            )
        }
        guard outbox.count < options.maximumUnsentMessages, outbox.bytes + meter.bytes < options.maximumUnsentBytes
        else {
            throw SwitchboardError(
                .resourceExhausted,
                "\(address) does not take what is sent; as much waits for it as may",
                retryAfter: .milliseconds(50)
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
    func end(_ callID: UInt64, _ result: Result<[UInt8], SwitchboardError>) {
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

    /// Ends a call that the server has not ended, and tells the server where that knows of the call.
    func abandon(_ callID: UInt64, _ error: SwitchboardError) {
        guard calls[callID]?.hasEnded == false else { return }
        if !outbox.remove(callID) { send(Header(kind: .cancel, callID: callID), []) }
        end(callID, .failure(error))
    }

    private func expire(_ callID: UInt64) {
        abandon(
            callID,
            SwitchboardError(.deadlineExceeded, "\(address) did not answer within the deadline\(hindrance)")
        )
    }

    func failAll(_ error: SwitchboardError) {
        outbox.removeAll()
        for callID in Array(calls.keys) { end(callID, .failure(error)) }
    }
}
