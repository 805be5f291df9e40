internal import Core

/// Calls that a second worker gets while the first is still there: because that takes longer than usual, or will not do
/// them. Both stay within the throttle's share of all calls.
extension WorkerTable {
    /// What share of calls is answered within the time after which a second worker is asked.
    static let hedgedAfter = 0.95

    /// Asks a second worker for each call that takes longer than usual, where one has credit. The first answer counts.
    package mutating func hedge(_ now: ContinuousClock.Instant) -> [Action] {
        var due: [(at: ContinuousClock.Instant, callID: UInt64)] = []
        for (callID, entry) in sent {
            if let at = entry.call.hedgeAt, at <= now { due.append((at, callID)) }
        }
        var actions: [Action] = []
        for (_, callID) in due.sorted(by: { ($0.at, $0.callID) < ($1.at, $1.callID) }) {
            guard var entry = sent[callID] else { continue }
            // Asked once, with or without success.
            entry.call.hedgeAt = nil
            if entry.call.deadline > now, let other = choose(for: entry.call, besides: entry.workers), throttle.takes()
            {
                entry.call.repeated = .hedged
                entry.workers.append(other)
                take(entry.call, other)
                actions.append(.send(entry.call, to: other))
            }
            sent[callID] = entry
        }
        return actions
    }

    /// When a second worker is to be asked for a call that goes out now; nil: never.
    func hedgeInstant(for call: PendingCall, at now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        guard call.mayBeHedged, call.repeated == nil, let usual = usualTimes[call.method]?.value,
            workers.values.count(where: { $0.offers(call.service) }) > 1
        else { return nil }
        return now + usual
    }

    /// Gives a call that its worker refused to another that has credit.
    ///
    /// - Returns: nil where there is none, or the call was repeated before: then the refusal is the answer.
    mutating func offerAgain(
        _ entry: SentCall,
        refusedBy worker: WorkerID,
        at now: ContinuousClock.Instant,
    ) -> Action? {
        var call = entry.call
        guard call.repeated == nil, call.deadline > now, let other = choose(for: call, besides: [worker]),
            throttle.takes()
        else { return nil }
        call.repeated = .refused
        return assign(call, to: other, at: now)
    }

    mutating func learn(from entry: SentCall, at now: ContinuousClock.Instant) {
        throttle.answered()
        // From the first worker on, so that those that were hedged still count as slow.
        usualTimes[entry.call.method, default: UsualTime(quantile: Self.hedgedAfter)].observe(now - entry.since)
    }
}
