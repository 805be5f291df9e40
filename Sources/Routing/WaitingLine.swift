internal import Core

/// The calls of one service that wait for a worker, in the order in which they are served: live ones before updates,
/// those before discovery, equal ones as they came.
struct WaitingLine: Sendable {
    private(set) var calls: [WorkerTable.PendingCall] = []

    /// Updates and discovery may take a part of the line only, so that a caller finds room.
    func hasRoom(for priority: Priority) -> Bool {
        Double(calls.count) < Double(WorkerTable.maximumWaiting) * priority.share
    }

    mutating func append(_ call: WorkerTable.PendingCall) {
        // From the back, where most belong.
        let place = calls.lastIndex { $0.priority <= call.priority }.map { $0 + 1 } ?? 0
        calls.insert(call, at: place)
    }

    /// Puts a call that was sent before what waits, but behind what is more urgent.
    mutating func putBack(_ call: WorkerTable.PendingCall) {
        let place = calls.firstIndex { $0.priority >= call.priority } ?? calls.count
        calls.insert(call, at: place)
    }

    /// Takes out a call that nobody wants any more.
    mutating func remove(_ callID: UInt64) {
        guard let place = calls.firstIndex(where: { $0.id == callID }) else { return }
        calls.remove(at: place)
    }

    /// Takes out what is late.
    mutating func removeExpired(_ now: ContinuousClock.Instant) -> [WorkerTable.PendingCall] {
        let late = calls.filter { $0.deadline <= now }
        if !late.isEmpty { calls.removeAll { $0.deadline <= now } }
        return late
    }

    /// Asks about each call from the front on, until the answer is to stop.
    mutating func serve(_ next: (WorkerTable.PendingCall) -> Serving) {
        var kept: [WorkerTable.PendingCall] = []
        var seen = 0
        loop: for call in calls {
            switch next(call) {
            case .gone: break
            case .stays: kept.append(call)
            case .stop: break loop
            }
            seen += 1
        }
        if seen > kept.count { calls.replaceSubrange(..<seen, with: kept) }
    }

    /// What became of a call that was asked about.
    enum Serving {
        /// It waits no more.
        case gone
        /// It waits on; others behind it may be luckier.
        case stays
        /// It waits on, and so do all behind it.
        case stop
    }
}
