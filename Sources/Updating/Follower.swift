package import Calls
package import Core
package import Logging
package import Messaging
internal import UpdateStore
internal import Wire

/// Keeps a sink up to date: follows the updater's log from where the sink is, again and again as connections come and go.
///
/// Runs on the loop of its channel, so that only the sink's work leaves that, until its task is cancelled. Between
/// attempts it waits 0.1 s, growing to 2 s until a stream has held for a while. It tells the sink when the updater,
/// which sends a heartbeat each second, has been silent for longer than `silence`, also where the connection seems to
/// live; and answers each heartbeat with how far the sink is.
///
/// A sink that has nothing, or lacks what the log no longer has, begins from a snapshot: of this process, where the
/// updater is in it, else one that comes over the channel. One that cannot be used is passed over as long as the log has
/// everything. An updater whose epoch is lower than one that was heard of for this log has been replaced, and is not
/// followed. A heartbeat whose digest is not the sink's at that record makes the sink begin anew, one that is ahead of
/// what has come makes the follower ask anew.
package actor Follower<Sink: LogSink> {
    package nonisolated let loop: PollLoop
    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    package static var silence: Duration { .seconds(3) }
    /// A stream that lived as long was none that fails at once again.
    private static var steadyTime: Duration { .seconds(5) }
    private static var firstPause: Duration { .milliseconds(100) }

    /// Why the log is not followed at the moment; nil where it is, or was not tried yet.
    package nonisolated let trouble = CurrentValue<String?>(nil)

    private let name: String
    let sink: Sink
    let channel: CallChannel
    let local: SnapshotKeeper?
    let logger: Logger
    /// When the updater took the stream that is open.
    private var accepted: ContinuousClock.Instant?
    private var lastHeard = ContinuousClock.now
    /// As the updater last said.
    private var nextEncoder: ModelID?
    /// What ended streams so far, as far as it was said loudly.
    private var told: Set<String> = []
    /// What is said of others.
    private var pace = TellingPace()
    /// The log no longer has what the sink lacks.
    var needsSnapshot = false
    /// One could not be used.
    var avoidsSnapshots = false
    var downloaded = SnapshotDownload()
    /// Where it is put down.
    var spool: SnapshotSpool?
    /// Whoever speaks for the log with a lower one has been replaced.
    private var newest: (log: LogID, epoch: UInt64)?
    /// Where the sink was when a message was missed; at the same place it is the log that lacks it.
    private var gap: LogPosition?

    /// - Parameter local: of an updater in this process.
    package init(
        name: String,
        sink: Sink,
        channel: CallChannel,
        local: SnapshotKeeper? = nil,
        logger: Logger,
    ) {
        self.name = name
        self.sink = sink
        self.channel = channel
        self.local = local
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
                trouble.set((error as? SwitchboardError)?.message ?? "\(error)")
                tell(error)
            }
            await sink.lostUpdater()
            if let accepted, accepted.duration(to: .now) >= Self.steadyTime {
                pause = Self.firstPause
                told.removeAll()
                pace = TellingPace()
            }
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, .seconds(2))
        }
    }

    /// That a connection comes and goes is news, and said again each minute in which it does not come back; what else ends a
    /// stream somebody has to mend, and is said loudly once.
    func tell(_ error: any Error) {
        let reason = "\(error)"
        let code = (error as? SwitchboardError)?.code
        var metadata: Logger.Metadata = ["updater": "\(channel.address)", "reason": "\(reason)"]
        var level = Logger.Level.info
        if code != .unavailable, code != .cancelled, code != .outOfRange {
            // Reasons may hold a number, so there may be many.
            if told.count > 64 { told.removeAll() }
            level = told.insert(reason).inserted ? .error : .debug
        } else {
            guard let times = pace.take(reason) else { return }
            if times > 1 { level = .warning }
            metadata["times"] = "\(times)"
        }
        logger.log(level: level, "follow ended", metadata: metadata)
    }

    private func followOnce() async throws {
        let applied = await sink.state().position?.sequence ?? .start
        if needsSnapshot || (applied == .start && !sink.wantsNamesOnly && !avoidsSnapshots) {
            try await beginFromSnapshot()
        }
        let stream = try await channel.open(Methods.follow)
        do {
            try await follow(stream)
        } catch {
            // The updater is to know that nobody reads here any more.
            await stream.cancel()
            let code = (error as? SwitchboardError)?.code
            // Names come without a digest that would show that they are another log's; so they start anew. So does who was
            // away while something was erased from the log.
            if code == .outOfRange && !needsSnapshot || sink.wantsNamesOnly && code == .dataLoss { await sink.reset() }
            // What the updater says of a state that differs from the log's.
            if !sink.wantsNamesOnly, code == .aborted { await discard() }
            if code == .unimplemented { await sink.cannotRead() }
            throw error
        }
    }

    private func follow(_ stream: ClientStream<FollowRequest, FollowResponse>) async throws {
        lastHeard = .now
        let watch = Task {
            while !Task.isCancelled {
                try await Task.sleep(for: .seconds(1))
                let silent = lastHeard.duration(to: .now)
                if silent > Self.silence { await sink.lostUpdater() }
                // One that was replaced, or whose network parted, would never end it.
                if silent > Self.silence * 2 { return await stream.cancel() }
            }
        }
        defer { watch.cancel() }
        let state = await sink.state()
        try await stream.send(
            .start(
                FollowStart(
                    name: name,
                    position: state.position,
                    epoch: newest?.log == state.position?.log ? newest?.epoch ?? 0 : 0,
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
                try checkEpoch(answer.epoch, of: answer.head.log)
                guard !answer.snapshotFirst else {
                    needsSnapshot = true
                    throw SwitchboardError(
                        .outOfRange,
                        "the log no longer holds what this follower lacks; it begins from a snapshot"
                    )
                }
                if log != answer.head.log, state.position != nil { await sink.reset() }
                log = answer.head.log
                await sink.begin(at: answer.head)
                accepted = .now
                trouble.set(nil)
                avoidsSnapshots = false
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

    /// A heartbeat comes behind all that there is: so it must be of the record that we are at, and show our digest.
    private func check(_ heartbeat: FollowHeartbeat) async throws {
        try checkEpoch(heartbeat.epoch, of: heartbeat.head.log)
        let state = await sink.state()
        guard let position = state.position, position.log == heartbeat.head.log else { return }
        if position.sequence < heartbeat.head.sequence, gap != position {
            gap = position
            throw SwitchboardError(
                .unavailable,
                "what follows record \(position.sequence) did not come; the log is asked for it anew"
            )
        }
        guard let digest = state.digest, position == heartbeat.head, digest != heartbeat.digest else { return }
        await discard()
        throw SwitchboardError(.dataLoss, "the replica's digest differs from the log's; it starts anew")
    }

    /// A replica that differs from the log must never be.
    private func discard() async {
        let sequence = await sink.state().position?.sequence ?? .start
        logger.critical("this replica differs from the log, and starts anew", metadata: ["sequence": "\(sequence)"])
        await sink.discard()
    }

    private func checkEpoch(_ epoch: UInt64, of log: LogID) throws(SwitchboardError) {
        if let newest, newest.log == log, epoch < newest.epoch {
            throw SwitchboardError(
                .failedPrecondition,
                "the updater at \(channel.address) has epoch \(epoch) of a log that was opened since by another, with "
                    + "epoch \(newest.epoch); stop the old one"
            )
        }
        newest = (log, epoch)
    }
}
