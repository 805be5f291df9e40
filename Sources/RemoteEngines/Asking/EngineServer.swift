internal import Core
internal import Logging
internal import Models

/// One server elsewhere: sends it requests, a bounded number at a time, again where that may help, and knows whether it
/// answers.
///
/// Where nearly all of its latest requests failed (`FailureWindow`) it counts as unable: requests are refused at once,
/// until `watch` finds that it answers again. Runs on Swift's own threads; nothing in it computes or blocks.
actor EngineServer {
    /// Of one call without a deadline.
    static let longest: Duration = .seconds(60)

    nonisolated let address: EngineAddress
    nonisolated let state: CurrentValue<EngineState>

    private let connection: EngineConnection
    private let logger: Logger
    private var line: RequestLine
    private var waiting: [UInt64: CheckedContinuation<Result<Void, SwitchboardError>, Never>] = [:]
    private var lastID: UInt64 = 0
    private var rules = RetryRules()
    private var window = FailureWindow()

    init(_ address: EngineAddress, key: EngineKey?, limits: RequestLine.Limits, logger: Logger) {
        self.address = address
        self.logger = logger
        state = CurrentValue(.unable(reason: "the model server \(address) has not answered yet"))
        connection = EngineConnection(address, key: key, connections: limits.underWay)
        line = RequestLine(limits)
    }

    /// Ends what is under way. May be called once, and has to be.
    func close() async {
        await connection.close()
    }

    /// What `read` makes of the server's answer.
    ///
    /// - Parameters:
    ///   - read: throws where the answer is none.
    /// - Throws: `.resourceExhausted` where too many wait, `.deadlineExceeded`, `.cancelled`, `.unavailable` where the
    ///   server does not answer or answers nonsense, `.failedPrecondition` where it wants a key or lacks the model,
    ///   `.invalidArgument` where it does not take this request (400, 413, 422).
    func ask<Reply: Sendable>(
        _ request: EngineRequest,
        _ order: ComputeOrder,
        read: @escaping @Sendable ([UInt8]) throws(EngineFailure) -> Reply,
    ) async throws(SwitchboardError) -> Reply {
        if let reason = state.value.reason { throw SwitchboardError(.unavailable, reason, retryAfter: .seconds(1)) }
        return try await send(request, order, read: read)
    }

    /// The same, also to a server that counts as unable.
    ///
    /// - Parameter missing: what to go on with where the server has no such path (404).
    func send<Reply: Sendable>(
        _ request: EngineRequest,
        _ order: ComputeOrder,
        ifMissing missing: Reply? = nil,
        read: @escaping @Sendable ([UInt8]) throws(EngineFailure) -> Reply,
    ) async throws(SwitchboardError) -> Reply {
        let deadline = order.deadline ?? ContinuousClock.now + Self.longest
        try await enter(order.priority, bytes: request.body?.count ?? 0, deadline: deadline)
        defer { leave() }
        var attempt = 1
        while true {
            let started = ContinuousClock.now
            // What nobody waits for any more is not sent.
            guard started < deadline else { throw EngineFailure.late.error(of: address) }
            guard !Task.isCancelled else { throw EngineFailure.cancelled.error(of: address) }
            let failure: EngineFailure
            do throws(EngineFailure) {
                let body = try await connection.exchange(request, until: deadline)
                let reply = try await Self.reply(in: body, read)
                rules.succeeded()
                window.note(isFailure: false)
                return reply
            } catch {
                failure = error
            }
            if let missing, case .status(404, _) = failure.kind { return missing }
            note(failure, after: started.duration(to: .now))
            let pause = rules.pause(
                after: failure,
                attempt: attempt,
                timeLeft: ContinuousClock.now.duration(to: deadline),
                jitter: Double.random(in: 0.8...1.2)
            )
            guard let pause, !Task.isCancelled else { throw failure.error(of: address) }
            attempt += 1
            try? await Task.sleep(for: pause)
        }
    }

    /// Off the actor: a long answer takes milliseconds to read.
    @concurrent
    private static func reply<Reply: Sendable>(
        in body: [UInt8],
        _ read: @Sendable ([UInt8]) throws(EngineFailure) -> Reply,
    ) async throws(EngineFailure) -> Reply {
        try read(body)
    }

    // MARK: Whether it answers

    /// Until the task is cancelled: as long as the server counts as unable, asks it again and again with longer and
    /// longer pauses.
    ///
    /// - Parameter probe: throws what is wrong with it.
    func watch(_ probe: @escaping @Sendable () async throws(SwitchboardError) -> Void) async {
        // One that has failed is left alone for a moment; one that was never asked is asked at once.
        var hasBeenAsked = state.value == .able
        for await _ in state.values() {
            var pause: Duration = .milliseconds(500)
            while state.value != .able, !Task.isCancelled {
                if hasBeenAsked {
                    try? await Task.sleep(for: pause * Double.random(in: 0.8...1.2))
                    pause = min(pause * 2, .seconds(15))
                }
                guard !Task.isCancelled else { return }
                hasBeenAsked = true
                do throws(SwitchboardError) {
                    try await probe()
                    becomeAble()
                } catch {
                    guard !Task.isCancelled else { return }
                    becomeUnable(error.message)
                }
            }
        }
    }

    func becomeAble() {
        window = FailureWindow()
        guard state.value != .able else { return }
        logger.info("a model server answers", metadata: ["server": "\(address)"])
        state.set(.able)
    }

    private func becomeUnable(_ reason: String) {
        guard state.value != .unable(reason: reason) else { return }
        logger.warning("a model server is not asked", metadata: ["server": "\(address)", "reason": "\(reason)"])
        state.set(.unable(reason: reason))
    }

    private func note(_ failure: EngineFailure, after time: Duration) {
        // A call that had hardly any time says nothing about the server.
        if failure.kind == .late, time < .milliseconds(500) { return }
        // One that is merely busy (429) is to get no more retries than one that fails.
        if failure.blamesServer || failure.isPassing { rules.failed() }
        guard failure.blamesServer else { return }
        window.note(isFailure: true)
        if window.isAway, state.value == .able {
            becomeUnable(failure.error(of: address).message)
        }
    }

    // MARK: Taking turns

    private func enter(
        _ priority: Priority,
        bytes: Int,
        deadline: ContinuousClock.Instant,
    ) async throws(SwitchboardError) {
        lastID += 1
        let id = lastID
        if try line.arrive(id, priority, bytes: bytes) { return }
        let timer = Task {
            do {
                try await Task.sleep(until: deadline)
            } catch {
                return
            }
            self.withdraw(id, .deadlineExceeded, "the deadline passed while the request waited for the model server")
        }
        defer { timer.cancel() }
        let turn: Result<Void, SwitchboardError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in waiting[id] = continuation }
        } onCancel: {
            Task { await self.withdraw(id, .cancelled, "the work was cancelled") }
        }
        try turn.get()
    }

    private func leave() {
        guard let next = line.ended() else { return }
        waiting.removeValue(forKey: next)?.resume(returning: .success(()))
    }

    private func withdraw(_ id: UInt64, _ code: StatusCode, _ message: String) {
        guard line.withdraw(id) else { return }
        waiting.removeValue(forKey: id)?.resume(returning: .failure(SwitchboardError(code, message)))
    }
}
