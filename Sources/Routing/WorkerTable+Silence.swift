internal import Wire

/// Which workers are heard. Each says how often something comes from it; one that says nothing of the kind is never
/// called silent.
extension WorkerTable {
    /// How often a gateway and its workers let each other hear something.
    package static let heartbeat = Duration.milliseconds(200)
    /// How often `watch` is to be called.
    package static let watchInterval = Duration.milliseconds(100)
    /// A worker is silent when so many heartbeats are missing: with the default after 0.8 s, so that another has its calls
    /// well within 1.2 s.
    static let missedHeartbeats = 4
    /// Who promises more is held to this.
    static let shortestHeartbeat = Duration.milliseconds(20)
    /// The gateway ends the stream of a worker that was silent for so long; it has to attach anew.
    package static let longestSilence = Duration.seconds(5)

    /// Something came from a worker.
    package mutating func heard(_ worker: WorkerID, at now: ContinuousClock.Instant = .now) -> [Action] {
        workers[worker]?.lastHeard = now
        guard workers[worker]?.isSilent == true else { return [] }
        workers[worker]?.isSilent = false
        return dispatchAll(now)
    }

    /// Looks who has fallen silent: gets no new calls, and those that it has are given to another. As long as there is no
    /// other they stay, as it may be heard again.
    ///
    /// - Returns: `gone`: workers whose streams are to be ended.
    package mutating func watch(_ now: ContinuousClock.Instant) -> (actions: [Action], gone: [WorkerID]) {
        defer { lastWatch = now }
        if let lastWatch, lastWatch.duration(to: now) > Self.watchInterval * 4 {
            // It was this process that was away; what came meanwhile has not been read yet.
            for worker in workers.keys { workers[worker]?.lastHeard = now }
            return ([], [])
        }
        var actions: [Action] = []
        var gone: [WorkerID] = []
        for id in workers.keys.sorted() {
            guard let worker = workers[id], let heartbeat = worker.hello.heartbeat else { continue }
            let silence = worker.lastHeard.duration(to: now)
            let allowed = max(heartbeat, Self.shortestHeartbeat) * Self.missedHeartbeats
            if silence > max(Self.longestSilence, allowed) {
                gone.append(id)
            } else if silence > allowed {
                workers[id]?.isSilent = true
                actions += passOn(worker, id, at: now)
            }
        }
        return (actions + (actions.isEmpty ? [] : dispatchAll(now)), gone)
    }

    /// Takes from a silent worker the calls that another one could answer.
    private mutating func passOn(_ worker: Worker, _ id: WorkerID, at now: ContinuousClock.Instant) -> [Action] {
        let calls = worker.inFlight.filter { callID, _ in
            guard let entry = sent[callID], entry.workers.contains(id) else { return false }
            return workers.values.contains { $0.takesCalls && $0.serves(entry.call) }
        }
        let told = calls.keys.sorted().map { Action.cancel(callID: $0, at: id) }
        return told + lose(calls.keys, of: id, at: now)
    }
}
