package import Core

/// How calls come in, get a worker and end.
extension WorkerTable {
    package mutating func submit(_ call: PendingCall, at now: ContinuousClock.Instant = .now) -> [Action] {
        guard call.deadline > now else { return [.fail(callID: call.id, Self.noneFree)] }
        guard hasWorker(for: call) else { return [.fail(callID: call.id, Self.noWorker(for: call))] }
        if let wanted = call.minPosition {
            guard follows(wanted.log, call.service) else { return [.fail(callID: call.id, .otherLog(wanted.log))] }
            guard isReached(wanted, call.service) else { return waitForRecord(call) }
        }
        if let worker = choose(for: call) { return [assign(call, to: worker, at: now)] }
        return waitInLine(call, at: now)
    }

    private mutating func waitInLine(_ call: PendingCall, at now: ContinuousClock.Instant) -> [Action] {
        let wait = lines[call.service]?.predictedWait(of: call, at: now)
        let waiting = lines[call.service]?.count ?? 0
        if let wait, waiting >= Self.neverRefused, wait > longestWait(of: call, at: now) {
            return [.fail(callID: call.id, Self.wouldBeLate(wait))]
        }
        var actions: [Action] = []
        if lines[call.service]?.hasRoom(for: call.priority) == false {
            let refusal = Self.lineIsFull(call.service, call.priority, wait: wait)
            guard let other = lines[call.service]?.makeRoom(for: call) else {
                return [.fail(callID: call.id, refusal)]
            }
            actions.append(.fail(callID: other.id, refusal))
        }
        lines[call.service, default: WaitingLine()].append(call, at: now)
        return actions
    }

    /// How long a call may wait for a worker: half of what its deadline leaves beside the worker's own time.
    ///
    /// A line through which the calls come just in time serves no more of them than a short one, and a prediction that is
    /// a little too low would make each of them late, after the work was done.
    private func longestWait(of call: PendingCall, at now: ContinuousClock.Instant) -> Duration {
        let worked = usualTimes[call.method]?.value ?? .zero
        return max(.zero, (call.deadline - now - worked) / 2)
    }

    private mutating func waitForRecord(_ call: PendingCall) -> [Action] {
        // One client gets no more than places are free, so that who asks for what never comes leaves some to others.
        let own = early.count { $0.client == call.client }
        guard own < Self.maximumEarly - early.count else { return [.fail(callID: call.id, Self.tooManyEarly)] }
        early.append(call)
        return []
    }

    /// When `expire` or `hedge` next has something to do; nil where nobody waits for anything.
    package var earliestDeadline: ContinuousClock.Instant? {
        let inLine = lines.values.flatMap { $0.calls.map(\.deadline) }
        let out = sent.values.map { min($0.call.hedgeAt ?? $0.call.deadline, $0.call.deadline) }
        return (inLine + early.map(\.deadline) + out).min()
    }

    /// Ends the calls whose deadline has come: those that wait, and those that a worker has.
    package mutating func expire(_ now: ContinuousClock.Instant) -> [Action] {
        var actions: [Action] = []
        for service in lines.keys.sorted() {
            for call in lines[service]?.removeExpired(now) ?? [] {
                actions.append(.fail(callID: call.id, Self.noneFree))
            }
        }
        for call in early where call.deadline <= now { actions.append(.fail(callID: call.id, Self.notApplied)) }
        early.removeAll { $0.deadline <= now }
        let late = sent.filter { $0.value.call.deadline <= now }
        for (callID, entry) in late.sorted(by: { $0.key < $1.key }) {
            sent[callID] = nil
            actions.append(.fail(callID: callID, Self.notAnswered))
            for worker in entry.workers { actions.append(.cancel(callID: callID, at: worker)) }
        }
        return actions
    }

    /// A worker answered; the credit that the call took comes back with it.
    ///
    /// - Parameter code: how. What another worker may do after all is not the answer yet.
    /// - Returns: false where nobody waits for it: the call has ended, or another worker has it.
    package mutating func finish(
        _ callID: UInt64,
        from worker: WorkerID,
        _ code: StatusCode = .ok,
        at now: ContinuousClock.Instant = .now,
    ) -> (isKnown: Bool, actions: [Action]) {
        guard let service = workers[worker]?.inFlight.removeValue(forKey: callID) else { return (false, []) }
        workers[worker]?.credit[service, default: 0] += 1
        let (isAnswer, actions) = settle(callID, from: worker, code, at: now)
        return (isAnswer, actions + dispatch(service, now))
    }

    private mutating func settle(
        _ callID: UInt64,
        from worker: WorkerID,
        _ code: StatusCode,
        at now: ContinuousClock.Instant,
    ) -> (isAnswer: Bool, actions: [Action]) {
        guard var entry = sent[callID], let place = entry.workers.firstIndex(of: worker) else { return (false, []) }
        entry.workers.remove(at: place)
        if code == .unavailable || code == .resourceExhausted {
            if !entry.workers.isEmpty {
                sent[callID] = entry
                return (false, [])
            }
            if let again = offerAgain(entry, refusedBy: worker, at: now) { return (false, [again]) }
        }
        sent[callID] = nil
        if code == .ok { learn(from: entry, at: now) }
        return (true, entry.workers.map { .cancel(callID: callID, at: $0) })
    }

    /// The caller no longer waits.
    ///
    /// - Returns: the workers that have the call, to be told. Their credit comes back with their answers.
    package mutating func abandon(_ callID: UInt64) -> [WorkerID] {
        if let entry = sent.removeValue(forKey: callID) { return entry.workers }
        for service in lines.keys { lines[service]?.remove(callID) }
        early.removeAll { $0.id == callID }
        return []
    }

    /// Calls whose record has come join the line of the others; those of a log that nobody follows any more fail.
    mutating func settleEarly(_ now: ContinuousClock.Instant) -> [Action] {
        var failed: [Action] = []
        var kept: [PendingCall] = []
        for call in early {
            guard let wanted = call.minPosition else { preconditionFailure("an early call asks for a position") }
            if !follows(wanted.log, call.service) {
                failed.append(.fail(callID: call.id, .otherLog(wanted.log)))
            } else if isReached(wanted, call.service) {
                lines[call.service, default: WaitingLine()].append(call, at: now)
            } else {
                kept.append(call)
            }
        }
        early = kept
        return failed
    }

    mutating func dispatchAll(_ now: ContinuousClock.Instant) -> [Action] {
        var actions: [Action] = []
        for service in lines.keys.sorted() { actions += dispatch(service, now) }
        return actions
    }

    /// Gives the calls that wait for a service to its workers, as far as their credit goes.
    mutating func dispatch(_ service: String, _ now: ContinuousClock.Instant) -> [Action] {
        // Taken out, as it is changed while the workers are.
        guard hasCredit(service), var line = lines.removeValue(forKey: service) else { return [] }
        var actions: [Action] = []
        var assigned = 0
        line.serve { call in
            guard call.deadline > now else {
                actions.append(.fail(callID: call.id, Self.noneFree))
                return .gone
            }
            guard let worker = choose(for: call) else {
                // For want of credit; or of a worker with credit that has the record or the models, or has not had the call.
                let isForAny = call.minPosition == nil && call.repeated == nil && call.scoringPolicy == nil
                return isForAny ? .stop : .stays
            }
            actions.append(assign(call, to: worker, at: now))
            assigned += 1
            return .gone
        }
        line.left(assigned, at: now)
        lines[service] = line
        return actions
    }

    mutating func assign(_ call: PendingCall, to worker: WorkerID, at now: ContinuousClock.Instant) -> Action {
        var call = call
        call.hedgeAt = hedgeInstant(for: call, at: now)
        take(call, worker)
        sent[call.id] = SentCall(call: call, workers: [worker], since: now)
        return .send(call, to: worker)
    }

    /// A worker has one call more.
    mutating func take(_ call: PendingCall, _ worker: WorkerID) {
        workers[worker]?.credit[call.service]? -= 1
        workers[worker]?.inFlight[call.id] = call.service
    }

    mutating func failUnservable() -> [Action] {
        let served = services
        var lost: [PendingCall] = []
        for service in lines.keys.sorted() where !served.contains(service) {
            lost += lines.removeValue(forKey: service)?.calls ?? []
        }
        lost += early.filter { !served.contains($0.service) }
        early.removeAll { !served.contains($0.service) }
        for service in lines.keys.sorted() {
            for call in lines[service]?.calls ?? [] where call.scoringPolicy != nil && !hasWorker(for: call) {
                lines[service]?.remove(call.id)
                lost.append(call)
            }
        }
        return lost.map { .fail(callID: $0.id, Self.noWorker(for: $0)) }
    }

    private func hasWorker(for call: PendingCall) -> Bool { workers.values.contains { $0.serves(call) } }

    private func hasCredit(_ service: String) -> Bool {
        workers.values.contains { $0.takesCalls && $0.credit[service, default: 0] > 0 }
    }

    /// - Parameter others: workers that are not meant.
    func choose(for call: PendingCall, besides others: [WorkerID] = []) -> WorkerID? {
        var best: (id: WorkerID, rank: (Int, Int, UInt64))?
        for (id, worker) in workers where worker.takesCalls && !others.contains(id) {
            guard worker.credit[call.service, default: 0] > 0, worker.inFlight[call.id] == nil else { continue }
            if call.scoringPolicy != nil, !worker.serves(call) { continue }
            if let wanted = call.minPosition, worker.position?.reaches(wanted) != true { continue }
            let own = (worker.isUpdaterSilent ? 1 : 0, worker.inFlight.count, id)
            if let best, best.rank < own { continue }
            best = (id, own)
        }
        return best?.id
    }

    /// Whether a worker of the service has applied the position.
    private func isReached(_ wanted: LogPosition, _ service: String) -> Bool {
        workers.values.contains { $0.offers(service) && $0.position?.reaches(wanted) == true }
    }

    /// Whether a worker of the service follows the log, as far as is known; one that has not said where it is may.
    private func follows(_ log: LogID, _ service: String) -> Bool {
        workers.values.contains { worker in
            guard worker.offers(service) else { return false }
            guard let position = worker.position else { return true }
            return position.log == log
        }
    }
}
