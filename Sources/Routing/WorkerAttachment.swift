package import Calls
package import Core
package import Logging
package import Messaging
package import Wire

/// What a worker answers calls with.
package protocol WorkerBody: Sendable {
    /// Announces it.
    nonisolated var hello: WorkerHello { get }

    /// How many calls of a service it takes at a time from one gateway.
    nonisolated func credit(for service: String) -> Int

    /// Answers one call.
    ///
    /// - Throws: what the caller is to be told.
    func answer(_ call: WorkerCall, deadline: ContinuousClock.Instant) async throws -> [UInt8]

    /// Returns when it can answer calls, or the task is cancelled.
    func waitUntilAble() async

    /// Where its replica is, now and after each change, as far as it has one. Ends when it can answer no more, or with
    /// the reader.
    func positions() async -> AsyncStream<WorkerApplied>
}

/// Keeps a worker attached to one gateway as long as it is able to answer: says hello, grants credit, answers calls,
/// again as connections come and go.
///
/// A result gives back the credit that its call took, so credit is announced once. Both sides let each other hear something
/// all the while; a gateway that is not heard any more is left, and attached to anew. Runs on its poll loop, like the
/// sockets it speaks through, until the task of `run` is cancelled or it has left.
package actor WorkerAttachment<Body: WorkerBody> {
    package nonisolated let loop: PollLoop
    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// Whether it is attached, and why not.
    package nonisolated let state = CurrentValue(AttachmentState.unable)

    private typealias Stream = ClientStream<WorkerMessage, GatewayMessage>

    private let body: Body
    private let channel: CallChannel
    private let logger: Logger
    private var inWork: [UInt64: Task<WorkerResult, Never>] = [:]
    private var pause = firstPause
    /// The stream on which the gateway understands that the worker leaves; nil while there is none.
    private var leavable: Stream?
    private var isLeaving = false
    private var leaving: [CheckedContinuation<Void, Never>] = []
    private var lastHeard = ContinuousClock.now
    /// Since when it is attached.
    private var attached: ContinuousClock.Instant?
    /// Why it gave the stream up itself.
    private var givenUp: String?
    private var pace = TellingPace()
    /// An attachment that lived as long was none that fails at once again.
    private static var steadyTime: Duration { .seconds(5) }
    private static var firstPause: Duration { .milliseconds(50) }

    package init(body: Body, channel: CallChannel, logger: Logger) {
        self.body = body
        self.channel = channel
        self.logger = logger
        loop = channel.loop
    }

    package func run() async {
        var reason: String?
        while !isLeaving {
            state.set(.unable)
            await body.waitUntilAble()
            guard !Task.isCancelled, !isLeaving else { return }
            state.set(.seeking(reason: reason))
            (attached, givenUp) = (nil, nil)
            do {
                try await attachOnce()
                reason = nil
            } catch {
                guard !Task.isCancelled, !isLeaving else { return }
                reason = givenUp ?? (error as? SwitchboardError)?.message ?? "\(error)"
                tell(error)
            }
            guard !isLeaving else { return }
            state.set(.seeking(reason: reason))
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, .seconds(2))
        }
    }

    /// A gateway that is away comes back; where it does not for a minute, and what else ends a stream, is for somebody to
    /// mend.
    private func tell(_ error: any Error) {
        if let attached, attached.duration(to: .now) >= Self.steadyTime { pace = TellingPace() }
        let what = givenUp ?? "\(error)"
        guard let times = pace.take(what) else { return }
        let code = (error as? SwitchboardError)?.code
        let isPassing = times == 1 && (code == .unavailable || code == .cancelled)
        logger.log(
            level: isPassing ? .info : .warning,
            "detached",
            metadata: ["gateway": "\(channel.address)", "reason": "\(what)", "times": "\(times)"]
        )
    }

    /// Asks the gateway for no more calls; returns when those that are here have been answered, and `run` does too, or at
    /// the deadline: then what is left is given up when the task of `run` is cancelled.
    package func leave(until deadline: ContinuousClock.Instant) async {
        isLeaving = true
        guard let leavable else { return }
        let timer = loop.schedule(at: deadline) { [self] in assumeIsolated { $0.haveLeft() } }
        // Not waited for: a gateway that does not read must not hold up the end.
        Task { try? await leavable.send(.leaving) }
        await withCheckedContinuation { continuation in
            // The stream may have ended before this was asked.
            if self.leavable == nil { continuation.resume() } else { leaving.append(continuation) }
        }
        loop.cancel(timer)
    }

    private func haveLeft() {
        for continuation in leaving { continuation.resume() }
        leaving.removeAll()
    }

    private func attachOnce() async throws {
        let stream = try await channel.open(Methods.attach)
        defer {
            leavable = nil
            cancelAll()
            haveLeft()
        }
        do {
            try await serve(stream)
        } catch {
            // The gateway is to know that nobody answers here any more.
            await stream.cancel()
            throw error
        }
    }

    private func serve(_ stream: Stream) async throws {
        var hello = body.hello
        hello.heartbeat = WorkerTable.heartbeat
        try await stream.send(.hello(hello))
        guard case .welcome(let welcome) = try await stream.next() else {
            throw SwitchboardError(.internal, "a gateway's first message is its welcome")
        }
        guard !isLeaving else { return await stream.cancel() }
        pause = Self.firstPause
        lastHeard = .now
        attached = .now
        state.set(.attached)
        if welcome.heartbeat != nil { leavable = stream }
        let beater = Task {
            // A gateway of a version without heartbeats does not know them.
            if welcome.heartbeat != nil { await self.beat(on: stream) }
        }
        let positions = await body.positions()
        let teller = Task {
            for await applied in positions { try await stream.send(.applied(applied)) }
            guard !Task.isCancelled else { return }
            self.givenUp = "the worker can answer no more calls"
            await stream.cancel()
        }
        var failure: (any Error)?
        do {
            try await read(stream)
        } catch {
            failure = error
        }
        // They hold the body and with it its models: gone when this returns.
        beater.cancel()
        teller.cancel()
        await beater.value
        _ = await teller.result
        if let failure { throw failure }
    }

    private func read(_ stream: Stream) async throws {
        for service in body.hello.services {
            try await stream.send(.credit(WorkerCredit(service: service, calls: body.credit(for: service))))
        }
        while let message = try await stream.next() {
            lastHeard = .now
            switch message {
            case .welcome, .heartbeat: break
            case .cancel(let cancel): inWork[cancel.callID]?.cancel()
            case .call(let call): start(call, on: stream)
            }
        }
    }

    /// Lets the gateway hear something, and gives the stream up where nothing was heard of the gateway for long.
    private func beat(on stream: Stream) async {
        var last = ContinuousClock.now
        while (try? await Task.sleep(for: WorkerTable.heartbeat)) != nil {
            let now = ContinuousClock.now
            // It was this process that was away; what came meanwhile has not been read yet.
            if last.duration(to: now) > WorkerTable.heartbeat * 4 { lastHeard = now }
            last = now
            guard lastHeard.duration(to: now) <= WorkerTable.longestSilence else {
                givenUp = "nothing was heard from it for \(Int(WorkerTable.longestSilence.seconds)) s"
                return await stream.cancel()
            }
            guard (try? await stream.send(.heartbeat)) != nil else { return }
        }
    }

    private func start(_ call: WorkerCall, on stream: Stream) {
        let deadline = ContinuousClock.now + call.timeLeft
        let work = Task { await self.result(of: call, deadline: deadline) }
        inWork[call.callID] = work
        // In a task of its own: a send in a cancelled one would give up the whole stream, and with it every call on it.
        Task {
            let result = await work.value.fitting
            self.inWork[call.callID] = nil
            // Where the stream is gone nobody waits for the result; the gateway has given the call to another.
            try? await stream.send(.result(result))
        }
    }

    private func result(of call: WorkerCall, deadline: ContinuousClock.Instant) async -> WorkerResult {
        guard deadline > .now, !Task.isCancelled else {
            let status = Status(code: .deadlineExceeded, message: "the deadline passed before the worker began")
            return WorkerResult(callID: call.callID, status: status)
        }
        do {
            return WorkerResult(callID: call.callID, payload: try await body.answer(call, deadline: deadline))
        } catch let error as SwitchboardError {
            return WorkerResult(callID: call.callID, status: Status(error))
        } catch is CancellationError {
            return WorkerResult(callID: call.callID, status: Status(code: .cancelled))
        } catch {
            return WorkerResult(
                callID: call.callID,
                status: Status(code: .internal, message: "the worker failed: \(type(of: error))")
            )
        }
    }

    private func cancelAll() {
        for task in inWork.values { task.cancel() }
        inWork.removeAll()
    }
}

extension WorkerResult {
    /// The result itself or, where it is larger than the gateway takes, an error that says so: of this call alone,
    /// where the message would end the stream with all calls on it.
    var fitting: WorkerResult {
        guard payload.count > Limits.maximumForwardedBytes else { return self }
        let error = SwitchboardError(
            .resourceExhausted,
            "the answer would be \(payload.count) bytes; at most \(Limits.maximumForwardedBytes) are sent; ask for less"
        )
        return WorkerResult(callID: callID, status: Status(error))
    }
}
