package import Calls
internal import Core
package import Logging
internal import Synchronization
internal import Wire

/// Keeps a sink up to date: follows the updater's log from where the sink is, again and again as connections come and go.
///
/// Runs until its task is cancelled. Between attempts it waits 0.1 s, growing to 2 s. It tells the sink when the updater,
/// which sends a heartbeat each second, has been silent for longer than `silence`, also where the connection seems to live.
package struct Follower<Sink: LogSink>: Sendable {
    package static var silence: Duration { .seconds(3) }

    let name: String
    let sink: Sink
    let channel: CallChannel
    let logger: Logger

    package init(name: String, sink: Sink, channel: CallChannel, logger: Logger) {
        self.name = name
        self.sink = sink
        self.channel = channel
        self.logger = logger
    }

    package func run() async {
        var pause = Duration.milliseconds(100)
        while !Task.isCancelled {
            do {
                try await followOnce { pause = .milliseconds(100) }
            } catch let error as SwitchboardError where error.code == .cancelled && Task.isCancelled {
                return
            } catch {
                logger.info("follow ended", metadata: ["updater": "\(channel.address)", "reason": "\(error)"])
            }
            await sink.lostUpdater()
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, .seconds(2))
        }
    }

    private func followOnce(started: () -> Void) async throws {
        let lastHeard = Mutex(ContinuousClock.now)
        let watch = Task { [sink] in
            while !Task.isCancelled {
                try await Task.sleep(for: .seconds(1))
                if lastHeard.withLock({ $0.duration(to: .now) }) > Self.silence { await sink.lostUpdater() }
            }
        }
        defer { watch.cancel() }
        let stream = try await channel.open(Methods.follow)
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
            lastHeard.withLock { $0 = .now }
            var head: LogPosition?
            switch response {
            case .accepted(let accepted):
                guard !accepted.snapshotFirst else {
                    throw SwitchboardError(
                        .outOfRange,
                        "the log no longer holds what this follower lacks; start it from a snapshot"
                    )
                }
                if log != accepted.head.log, state.position != nil { await sink.reset() }
                log = accepted.head.log
                await sink.begin(at: accepted.head)
                started()
            case .records(let records):
                guard let log else { throw SwitchboardError(.internal, "records came before the log's id") }
                try await sink.apply(records, of: log)
                if let last = records.last { try await stream.send(.applied(last.sequence)) }
            case .heartbeat(let heartbeat):
                try await check(heartbeat)
                head = heartbeat.head
            }
            await sink.heard(head: head)
        }
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
