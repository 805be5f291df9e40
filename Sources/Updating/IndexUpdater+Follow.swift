package import Calls
internal import Core
internal import Logging
internal import UpdateStore
package import Wire

extension IndexUpdater {
    /// How often a follower hears from the log when nothing else is sent.
    static var heartbeat: Duration { .seconds(1) }

    /// Serves one follower: what it lacks, then what comes, until its call ends.
    package func follow(
        _ reader: StreamReader<FollowRequest>,
        _ writer: StreamWriter<FollowResponse>,
    ) async throws {
        guard case .start(let start) = try await reader.next() else {
            throw SwitchboardError.invalid("a follower's first message says where it is")
        }
        let place = try await startingPlace(of: start)
        let head = log.head
        let first = log.statistics().first
        let needsSnapshot = place.next < first
        try await writer.send(
            .accepted(FollowAccepted(head: head.position, epoch: head.epoch, snapshotFirst: needsSnapshot))
        )
        guard !needsSnapshot else { return }
        lastID += 1
        let id = lastID
        followers[id] = FollowerState(name: start.name, isReplica: !start.namesOnly, applied: place)
        logger.info("follower joined", metadata: ["follower": "\(start.name)", "sequence": "\(place)"])
        defer {
            followers[id] = nil
            followersChanged()
            logger.info("follower left", metadata: ["follower": "\(start.name)"])
        }
        let sender = Task { try await self.send(after: place, namesOnly: start.namesOnly, to: writer) }
        defer {
            sender.cancel()
            wakeSenders()
        }
        while let message = try await reader.next() {
            guard case .applied(let sequence) = message else {
                throw SwitchboardError.invalid("a follower says once where it starts")
            }
            followers[id]?.applied = sequence
            followersChanged()
        }
    }

    private func startingPlace(of start: FollowStart) async throws -> LogSequence {
        guard start.format >= LogRecord.format else {
            throw SwitchboardError(
                .failedPrecondition,
                "records have format \(LogRecord.format); this follower reads \(start.format)"
            )
        }
        guard let position = start.position, position.log == log.id else { return .start }
        guard start.epoch <= log.epoch else {
            throw SwitchboardError(.failedPrecondition, "this updater has been replaced: a later one opened the log")
        }
        let head = log.head.position.sequence
        guard position.sequence <= head else {
            let error = SwitchboardError(
                .dataLoss,
                "follower \(start.name) has record \(position.sequence), but the log ends at \(head): acknowledged "
                    + "records were lost; restore the log, or give it a new id",
            )
            refuseWrites(error)
            throw error
        }
        if let digest = start.digest, let expected = try await log.digest(at: position.sequence), digest != expected {
            throw SwitchboardError(.dataLoss, "the follower's state at \(position.sequence) differs; start it anew")
        }
        return position.sequence
    }

    private func send(after start: LogSequence, namesOnly: Bool, to writer: StreamWriter<FollowResponse>) async throws {
        var place = start
        var lastSent = ContinuousClock.now
        while !Task.isCancelled {
            let operations = try await log.operations(after: place)
            if let last = operations.last {
                let records = operations.flatMap(\.records)
                try await writer.send(.records(namesOnly ? records.map(\.namesOnly) : records))
                place = last.last
                lastSent = .now
                continue
            }
            if lastSent.duration(to: .now) >= Self.heartbeat * 0.9 {
                let head = log.head
                try await writer.send(
                    .heartbeat(FollowHeartbeat(head: head.position, epoch: head.epoch, digest: head.digest))
                )
                lastSent = .now
            }
            // Between the look at the log and this line nothing else ran on this actor unless the log had more.
            if log.head.position.sequence == place { await withCheckedContinuation { idle.append($0) } }
        }
    }

    /// The log has grown, or it is time for a heartbeat.
    func wakeSenders() {
        let waiting = idle
        idle.removeAll()
        for continuation in waiting { continuation.resume() }
    }
}

extension LogRecord {
    /// As a follower of names only gets it.
    fileprivate var namesOnly: LogRecord {
        guard case .exemplarUpserted(let fact) = fact else { return self }
        return LogRecord(sequence: sequence, stamp: stamp, fact: .exemplarUpserted(fact.namesOnly))
    }
}
