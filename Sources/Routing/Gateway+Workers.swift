package import Calls
internal import Core
internal import Logging
internal import Messaging
package import Wire

/// The workers' streams: who attaches, is heard, falls silent, leaves.
extension Gateway {
    /// An attached worker's stream.
    struct WorkerStream {
        let reader: StreamReader<WorkerMessage>
        let writer: StreamWriter<GatewayMessage>
        /// Whether it wants heartbeats.
        let wantsHeartbeats: Bool
        var beat = ContinuousClock.now
        /// A heartbeat waits to be sent, as the worker does not read.
        var isBeating = false
    }

    /// Serves one worker's stream until it ends, or the worker has left.
    package func attach(
        _ reader: StreamReader<WorkerMessage>,
        _ writer: StreamWriter<GatewayMessage>,
    ) async throws {
        guard case .hello(var hello) = try await reader.next() else {
            throw SwitchboardError.invalid("a worker's first message is its hello")
        }
        hello.name = hello.name.asPeerName
        lastWorkerID += 1
        let worker = lastWorkerID
        let heartbeat = hello.heartbeat == nil ? nil : WorkerTable.heartbeat
        try await writer.send(.welcome(GatewayWelcome(name: name, heartbeat: heartbeat)))
        streams[worker] = WorkerStream(reader: reader, writer: writer, wantsHeartbeats: heartbeat != nil)
        table.attach(worker, hello)
        served.set(table.services)
        logger.info("worker attached", metadata: ["worker": "\(hello.name)"])
        watchWorkers()
        watchNamesakes(of: worker, hello.name)
        defer {
            streams[worker] = nil
            carryOut(table.detach(worker))
            served.set(table.services)
            logger.info("worker detached", metadata: ["worker": "\(hello.name)"])
        }
        while let message = try await reader.next() {
            carryOut(table.heard(worker))
            switch message {
            case .hello: throw SwitchboardError.invalid("a worker says hello once")
            case .credit(let credit): carryOut(table.credit(worker, credit))
            case .applied(let applied): carryOut(table.applied(worker, applied))
            case .result(let result): finish(result, from: worker)
            case .heartbeat: break
            case .leaving:
                logger.info("worker leaves", metadata: ["worker": "\(hello.name)"])
                carryOut(table.leave(worker))
                served.set(table.services)
            }
            if table.hasLeft(worker) { return }
        }
    }

    private func finish(_ result: WorkerResult, from worker: WorkerTable.WorkerID) {
        let (isKnown, actions) = table.finish(result.callID, from: worker, result.status.code)
        if isKnown {
            let answered = WorkerAnswer(
                payload: result.payload,
                worker: table.workers[worker]?.hello.name ?? "that has gone"
            )
            answer(result.callID, result.status.error.map { .failure($0) } ?? .success(answered))
        }
        carryOut(actions)
    }

    /// Looks after the workers as long as there are any.
    private func watchWorkers() {
        guard !isWatching else { return }
        isWatching = true
        scheduleWatch()
    }

    private func scheduleWatch() {
        loop.schedule(at: .now + WorkerTable.watchInterval) { [weak self] in
            self?.assumeIsolated { gateway in
                gateway.watch()
                if gateway.streams.isEmpty {
                    gateway.isWatching = false
                } else {
                    gateway.scheduleWatch()
                }
            }
        }
    }

    private func watch() {
        let now = ContinuousClock.now
        let (actions, gone) = table.watch(now)
        carryOut(actions)
        for worker in gone {
            guard let reader = streams[worker]?.reader else { continue }
            let seconds = Int(WorkerTable.longestSilence.seconds)
            Task {
                await reader.end(SwitchboardError(.unavailable, "nothing was heard from the worker for \(seconds) s"))
            }
        }
        for (worker, stream) in streams where stream.wantsHeartbeats && !stream.isBeating {
            if stream.beat + WorkerTable.heartbeat <= now { beat(worker, stream.writer, at: now) }
        }
    }

    /// One that comes back may be here before its old stream is given up; two that stay are two workers with one name.
    private func watchNamesakes(of worker: WorkerTable.WorkerID, _ name: String) {
        guard table.hasNamesake(worker) else { return }
        loop.schedule(at: .now + WorkerTable.longestSilence + .seconds(1)) { [weak self] in
            self?.assumeIsolated { $0.tellNamesakes(of: worker, name) }
        }
    }

    private func tellNamesakes(of worker: WorkerTable.WorkerID, _ name: String) {
        guard table.hasNamesake(worker), namesakes.take(name) != nil else { return }
        logger.warning(
            "several workers of one kind have the same name, so that nobody can tell them apart; give each its own (--name)",
            metadata: ["worker": "\(name)"]
        )
    }

    /// One at a time: to a worker that does not read none is sent on top.
    private func beat(
        _ worker: WorkerTable.WorkerID,
        _ writer: StreamWriter<GatewayMessage>,
        at now: ContinuousClock.Instant,
    ) {
        streams[worker]?.beat = now
        streams[worker]?.isBeating = true
        Task.immediate {
            // Where its stream has ended `attach` hears of it.
            try? await writer.send(.heartbeat)
            self.streams[worker]?.isBeating = false
        }
    }
}
