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
        guard case .start(var start) = try await reader.next() else {
            throw SwitchboardError.invalid("a follower's first message says where it is")
        }
        start.name = start.name.asPeerName
        let place = try await startingPlace(of: start)
        let first = log.statistics().first
        let needsSnapshot = place.next < first
        let end = LogPosition(log: log.id, sequence: readableEnd)
        try await writer.send(.accepted(FollowAccepted(head: end, epoch: log.epoch, snapshotFirst: needsSnapshot)))
        guard !needsSnapshot else { return }
        lastID += 1
        let id = lastID
        followers[id] = FollowerState(
            name: start.name,
            isReplica: !start.namesOnly,
            dismiss: { await writer.end($0) },
            applied: place
        )
        logger.info("follower joined", metadata: ["follower": "\(start.name)", "sequence": "\(place)"])
        defer {
            followers[id] = nil
            followersChanged()
            logger.info("follower left", metadata: ["follower": "\(start.name)"])
        }
        // Beside the sender, as what ends that has to end the call; the reader ends with the call.
        Task { await self.listen(to: reader, as: id) }
        try await send(after: place, namesOnly: start.namesOnly, to: writer, as: id)
    }

    /// Notes how far a follower is, until it sends nothing more.
    private func listen(to reader: StreamReader<FollowRequest>, as id: UInt64) async {
        var end: Result<Void, SwitchboardError> = .success(())
        do throws(SwitchboardError) {
            while let message = try await reader.next() {
                guard case .applied(let applied) = message else {
                    throw SwitchboardError.invalid("a follower says once where it starts")
                }
                guard applied.sequence <= log.head.position.sequence else {
                    throw SwitchboardError.invalid("a follower cannot have applied what is not in the log")
                }
                followers[id]?.applied = applied.sequence
                followers[id]?.encoders = Set(applied.encoders)
                followers[id]?.nextEncoder = applied.nextEncoder
                followers[id]?.graphsDue = applied.graphsDue
                followers[id]?.lastHeard = .now
                followers[id]?.unanswered = 0
                followersChanged()
            }
        } catch {
            end = .failure(error)
        }
        followers[id]?.end = end
        wakeSenders()
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
            noteAhead(start.name, at: position.sequence)
            throw SwitchboardError(
                .dataLoss,
                "the follower has record \(position.sequence), but the log ends at \(head): records were lost, or it "
                    + "followed another copy of this log; restore the log, or give it a new id: \(Self.newIDSteps)",
            )
        }
        if let digest = start.digest, let expected = try await log.digest(at: position.sequence), digest != expected {
            throw try await differs(at: position.sequence)
        }
        return position.sequence
    }

    private func send(
        after start: LogSequence,
        namesOnly: Bool,
        to writer: StreamWriter<FollowResponse>,
        as id: UInt64,
    ) async throws(SwitchboardError) {
        var place = start
        var lastSent = ContinuousClock.now
        var toldNext: ModelID?
        while !Task.isCancelled {
            if let end = followers[id]?.end { return try end.get() }
            let operations = try await readOperations(after: place)
            if let last = operations.last {
                let records = operations.flatMap(\.records)
                try await writer.send(.records(namesOnly ? records.map(\.namesOnly) : records))
                place = last.last
                lastSent = .now
                continue
            }
            if lastSent.duration(to: .now) >= Self.heartbeat * 0.9 || toldNext != nextEncoder {
                toldNext = nextEncoder
                if let words = await makeHeartbeat(at: place) { try await writer.send(.heartbeat(words)) }
                lastSent = .now
            }
            // Between the look at the log and this line nothing else ran on this actor unless the log had more, the
            // follower has left, or there is another next encoder.
            if place >= readableEnd, followers[id]?.end == nil, toldNext == nextEncoder {
                await withCheckedContinuation { idle.append($0) }
            }
        }
    }

    /// What follows a place, as far as it can be read.
    private func readOperations(after place: LogSequence) async throws(SwitchboardError) -> [CommittedOperation] {
        guard place < readableEnd else { return [] }
        do throws(SwitchboardError) {
            return try await log.operations(after: place)
        } catch {
            // The log has noted the damage by now, perhaps as the record itself; here is the operation before it.
            guard error.code == .dataLoss, log.condition != .whole else { throw error }
            lastReadable = min(place, lastReadable ?? place)
            tellDamage()
            return []
        }
    }

    /// What a follower is told that has all there is to read: where that ends, and the digest there. It takes a place
    /// that it has not reached for a message that was lost.
    ///
    /// - Returns: nil where there is more to send by now, or the digest cannot be read.
    private func makeHeartbeat(at place: LogSequence) async -> FollowHeartbeat? {
        let head = log.head
        let end = readableEnd
        guard place >= min(end, head.position.sequence) else { return nil }
        // Who is beyond the damage has the log's own end before him.
        guard place <= end, end < head.position.sequence else {
            return FollowHeartbeat(
                head: head.position,
                epoch: head.epoch,
                digest: head.digest,
                nextEncoder: nextEncoder
            )
        }
        guard let digest = try? await log.digest(at: end) else { return nil }
        return FollowHeartbeat(
            head: LogPosition(log: log.id, sequence: end),
            epoch: head.epoch,
            digest: digest,
            nextEncoder: nextEncoder
        )
    }

    /// Once a heartbeat.
    func beat() async {
        wakeSenders()
        // Those who have been silent for long are no longer waited for.
        followersChanged()
        tellDamage()
        await dismissSilent()
    }

    /// A process that was stopped keeps its connection, and would keep its place among the streams.
    private func dismissSilent() async {
        for id in followers.keys { followers[id]?.unanswered? += 1 }
        for follower in followers.values where follower.unanswered == Self.patientBeats {
            logger.notice("a follower no longer answers, and is let go", metadata: ["follower": "\(follower.name)"])
            await follower.dismiss(
                SwitchboardError(
                    .unavailable,
                    "this follower has not said for \((Self.heartbeat * Self.patientBeats).components.seconds) s how far it "
                        + "is; follow anew from there"
                )
            )
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
        let short: LogFact =
            switch fact {
            case .exemplarUpserted(let fact): .exemplarUpserted(fact.namesOnly)
            case .vectorSet(let fact): .vectorSet(fact.namesOnly)
            default: fact
            }
        return LogRecord(sequence: sequence, stamp: stamp, fact: short)
    }
}
