internal import Calls
internal import Core
internal import Models

/// The calls of one service that wait for a worker, in the order in which they are served: live ones before updates, those
/// before discovery; within a priority first those that lost their worker, then clients in turn, each in its own order.
struct WaitingLine: Sendable {
    typealias Call = WorkerTable.PendingCall
    typealias Serving = FairQueue<ClientIdentity, Call>.Serving

    /// Of one priority.
    private struct Lane: Sendable {
        /// Those that were sent before, oldest first.
        var returned: [Call] = []
        var queue = FairQueue<ClientIdentity, Call>()

        var count: Int { returned.count + queue.count }
        var calls: [Call] { returned + queue.elements }

        mutating func serve(_ next: (Call) -> Serving) -> Bool {
            var kept: [Call] = []
            for (place, call) in returned.enumerated() {
                switch next(call) {
                case .gone: break
                case .stays: kept.append(call)
                case .stop:
                    returned.replaceSubrange(..<place, with: kept)
                    return false
                }
            }
            returned = kept
            return queue.serve(next)
        }

        mutating func removeAll(where isMeant: (Call) -> Bool) -> [Call] {
            let removed = returned.filter(isMeant)
            if !removed.isEmpty { returned.removeAll(where: isMeant) }
            return removed + queue.removeAll(where: isMeant)
        }
    }

    private var lanes = PerPriority(repeating: Lane())
    private var pace = LinePace()

    var calls: [Call] { Priority.allCases.flatMap { lanes[$0].calls } }
    var count: Int { Priority.allCases.reduce(0) { $0 + lanes[$1].count } }
    var isEmpty: Bool { count == 0 }

    /// Updates and discovery may take a part of the line only, so that a caller finds room.
    func hasRoom(for priority: Priority) -> Bool {
        Double(count) < Double(WorkerTable.maximumWaiting) * priority.share
    }

    /// How long a newcomer would wait, were it to join; nil where that is not known. Its client's own place counts, and
    /// those of others as far as they come before it in turn.
    func predictedWait(of call: Call, at now: ContinuousClock.Instant) -> Duration? {
        let more = Priority.allCases.filter { $0 < call.priority }.reduce(0) { $0 + lanes[$1].count }
        let lane = lanes[call.priority]
        let turns = (lane.queue.count(of: call.client) + 1) * (lane.queue.clientCount + 1)
        return pace.wait(behind: more + min(lane.count, lane.returned.count + turns - 1), at: now)
    }

    mutating func append(_ call: Call, at now: ContinuousClock.Instant) {
        if isEmpty { pace.began(at: now) }
        lanes[call.priority].queue.append(call, of: call.client, cost: call.cost)
    }

    /// Puts a call that was sent before what waits, but behind what is more urgent.
    mutating func putBack(_ call: Call, at now: ContinuousClock.Instant) {
        if isEmpty { pace.began(at: now) }
        lanes[call.priority].returned.insert(call, at: 0)
    }

    /// Makes room in a full line for a client of which little waits, at the cost of the one of which most does: its
    /// youngest goes (McKenney 1990, "Stochastic fairness queueing").
    ///
    /// - Returns: the call that has to go; nil where no other client has at least two more than this one.
    mutating func makeRoom(for call: Call) -> Call? {
        let queue = lanes[call.priority].queue
        guard let longest = queue.longest, queue.count(of: longest) > queue.count(of: call.client) + 1 else {
            return nil
        }
        return lanes[call.priority].queue.removeLast(of: longest)
    }

    /// Takes out a call that nobody wants any more.
    mutating func remove(_ callID: UInt64) {
        for priority in Priority.allCases { _ = lanes[priority].removeAll { $0.id == callID } }
    }

    /// Takes out what is late.
    mutating func removeExpired(_ now: ContinuousClock.Instant) -> [Call] {
        Priority.allCases.flatMap { priority in lanes[priority].removeAll { $0.deadline <= now } }
    }

    /// Asks about each call in its order, until the answer is to stop.
    mutating func serve(_ next: (Call) -> Serving) {
        for priority in Priority.allCases where !lanes[priority].serve(next) { return }
    }

    /// So many of those that were served have a worker now.
    mutating func left(_ count: Int, at now: ContinuousClock.Instant) { pace.left(count, at: now) }
}
