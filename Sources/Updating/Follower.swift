package import Calls
internal import Core
package import Logging
package import Messaging
internal import Wire

/// Keeps a sink up to date: follows the updater's log from where the sink is, again and again as connections come and go.
///
/// Runs on the loop of its channel, so that only the sink's work leaves that, until its task is cancelled. Between
/// attempts it waits 0.1 s, growing to 2 s until a stream has held for a while. It tells the sink when the updater,
/// which sends a heartbeat each second, has been silent for longer than `silence`, also where the connection seems to
/// live; and answers each heartbeat with how far the sink is.
package actor Follower<Sink: LogSink> {
    package nonisolated let loop: PollLoop
    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    package static var silence: Duration { .seconds(3) }
    /// A stream that lived as long was none that fails at once again.
    private static var steadyTime: Duration { .seconds(5) }
    private static var firstPause: Duration { .milliseconds(100) }

    private let name: String
    private let sink: Sink
    private let channel: CallChannel
    private let logger: Logger
    /// When the updater took the stream that is open.
    private var accepted: ContinuousClock.Instant?
    private var lastHeard = ContinuousClock.now
    /// As the updater last said.
    private var nextEncoder: ModelID?
    /// What ended streams so far, as far as it was said loudly.
    private var told: Set<String> = []

    package init(name: String, sink: Sink, channel: CallChannel, logger: Logger) {
        self.name = name
        self.sink = sink
        self.channel = channel
        self.logger = logger
        loop = channel.loop
    }

    package func run() async {
        var pause = Self.firstPause
        while !Task.isCancelled {
            accepted = nil
            do {
                try await followOnce()
            } catch let error as SwitchboardError where error.code == .cancelled && Task.isCancelled {
                return
            } catch {
                tell(error)
            }
            await sink.lostUpdater()
            if let accepted, accepted.duration(to: .now) >= Self.steadyTime {
                pause = Self.firstPause
                told.removeAll()
            }
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, .seconds(2))
        }
    }

    /// That a connection comes and goes is news; what else ends a stream somebody has to mend, and is said loudly once.
    private func tell(_ error: any Error) {
        let reason = "\(error)"
        let code = (error as? SwitchboardError)?.code
        var level = Logger.Level.info
        if code != .unavailable, code != .cancelled {
            // Reasons may hold a number, so there may be many.
            if told.count > 64 { told.removeAll() }
            level = told.insert(reason).inserted ? .error : .debug
        }
        logger.log(level: level, "follow ended", metadata: ["updater": "\(channel.address)", "reason": "\(reason)"])
    }

    private func followOnce() async throws {
        let stream = try await channel.open(Methods.follow)
        do {
            try await follow(stream)
        } catch {
            // The updater is to know that nobody reads here any more.
            await stream.cancel()
            let code = (error as? SwitchboardError)?.code
            // Names come without a digest that would show that they are another log's; so they start anew. So does who was
            // away while something was erased from the log.
            if code == .outOfRange || (sink.wantsNamesOnly && code == .dataLoss) { await sink.reset() }
            throw error
        }
    }

    private func follow(_ stream: ClientStream<FollowRequest, FollowResponse>) async throws {
        lastHeard = .now
        let watch = Task {
            while !Task.isCancelled {
                try await Task.sleep(for: .seconds(1))
                if lastHeard.duration(to: .now) > Self.silence { await sink.lostUpdater() }
            }
        }
        defer { watch.cancel() }
        let state = await sink.state()
        try await stream.send(
            .start(
                FollowStart(
                    name: name,
                    position: state.position,
                    digest: state.digest,
                    namesOnly: sink.wantsNamesOnly
                )
            )
        )
        var log = state.position?.log
        while let response = try await stream.next() {
            lastHeard = .now
            var head: LogPosition?
            switch response {
            case .accepted(let answer):
                guard !answer.snapshotFirst else {
                    throw SwitchboardError(
                        .outOfRange,
                        "the log no longer holds what this follower lacks; start it from a snapshot"
                    )
                }
                if log != answer.head.log, state.position != nil { await sink.reset() }
                log = answer.head.log
                await sink.begin(at: answer.head)
                accepted = .now
            case .records(let records):
                guard let log else { throw SwitchboardError(.internal, "records came before the log's id") }
                try await sink.apply(records, of: log)
                if let last = records.last { try await stream.send(applied(last.sequence)) }
            case .heartbeat(let heartbeat):
                try await check(heartbeat)
                head = heartbeat.head
                if nextEncoder != heartbeat.nextEncoder {
                    await sink.prepare(for: heartbeat.nextEncoder)
                    nextEncoder = heartbeat.nextEncoder
                }
                // The updater counts those who answer.
                if let applied = await sink.state().position, applied.log == log {
                    try await stream.send(self.applied(applied.sequence))
                }
            }
            await sink.heard(head: head)
        }
    }

    private func applied(_ sequence: LogSequence) -> FollowRequest {
        let encoders = sink.encoders.prefix(FollowApplied.maximumEncoders)
        return .applied(
            FollowApplied(
                sequence: sequence,
                encoders: Array(encoders),
                nextEncoder: nextEncoder,
                graphsDue: sink.graphsDue
            )
        )
    }

    /// A heartbeat with the head that we are at must show our digest: else a replica differs, which must never be.
    private func check(_ heartbeat: FollowHeartbeat) async throws {
        let state = await sink.state()
        guard let position = state.position, let digest = state.digest, position == heartbeat.head else { return }
        guard digest == heartbeat.digest else {
            logger.critical("this replica differs from the log", metadata: ["sequence": "\(position.sequence)"])
            await sink.reset()
            throw SwitchboardError(.dataLoss, "the replica's digest differs from the log's; it starts anew")
        }
    }
}
