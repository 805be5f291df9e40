package import Core
package import Wire

/// The gateway's picture of its workers: what each serves, how many more calls it takes, how far its replica is; and the
/// calls that wait for one. A value that decides; the gateway sends.
///
/// The least loaded worker with credit takes the next call. A call that needs a log position goes only to a worker that
/// has applied it; until one has, the call waits here in a short line of its own and takes nobody's credit. One that
/// hears nothing from the updater is used last. A call whose worker goes away is given to another, once.
package struct WorkerTable: Sendable {
    package typealias WorkerID = UInt64

    package struct Worker: Sendable {
        package let hello: WorkerHello
        var credit: [String: Int] = [:]
        var inFlight: Set<UInt64> = []
        package var position: LogPosition?
        var isUpdaterSilent = false
    }

    /// A call on its way through the gateway.
    package struct PendingCall: Sendable {
        package let id: UInt64
        package let method: String
        package let payload: [UInt8]
        package let deadline: ContinuousClock.Instant
        package let minPosition: LogPosition?
        package let priority: Priority
        /// How many workers went away while they had it.
        var lostWorkers = 0
        var service: String { String(method.prefix { $0 != "/" }) }
    }

    /// What the gateway is to do.
    package enum Action: Sendable {
        case send(PendingCall, to: WorkerID)
        case fail(callID: UInt64, SwitchboardError)
    }

    package static let maximumWaiting = 1_024
    /// Of calls that wait for a record which no worker has applied yet.
    package static let maximumEarly = 256
    /// A call that takes its worker down must not take down all.
    static let maximumLostWorkers = 1

    package private(set) var workers: [WorkerID: Worker] = [:]
    private var sent: [UInt64: (call: PendingCall, worker: WorkerID)] = [:]
    /// Calls that a worker with credit may take.
    private var waiting: [PendingCall] = []
    /// Calls that came before the record they ask for: each has a `minPosition` that no worker had reached.
    private var early: [PendingCall] = []

    package init() {}

    // MARK: Workers

    package mutating func attach(_ worker: WorkerID, _ hello: WorkerHello) {
        workers[worker] = Worker(hello: hello)
    }

    /// The worker has gone: its calls, which are pure, go to others, but for those that lost a worker before.
    package mutating func detach(_ worker: WorkerID) -> [Action] {
        guard let gone = workers.removeValue(forKey: worker) else { return [] }
        var failed: [Action] = []
        // To the front, the oldest first, as they were before what waits.
        for callID in gone.inFlight.sorted(by: >) {
            guard var call = sent.removeValue(forKey: callID)?.call else { continue }
            call.lostWorkers += 1
            if call.lostWorkers > Self.maximumLostWorkers {
                failed.append(.fail(callID: callID, Self.lostAgain))
            } else {
                waiting.insert(call, at: 0)
            }
        }
        return failed + failUnservable() + settleEarly() + dispatch()
    }

    package mutating func credit(_ worker: WorkerID, _ credit: WorkerCredit) -> [Action] {
        workers[worker]?.credit[credit.service, default: 0] += credit.calls
        return dispatch()
    }

    package mutating func applied(_ worker: WorkerID, _ applied: WorkerApplied) -> [Action] {
        workers[worker]?.position = applied.position
        workers[worker]?.isUpdaterSilent = applied.isUpdaterSilent
        return settleEarly() + dispatch()
    }

    /// Whether a call of the service could be answered now or soon.
    package func serves(_ service: String) -> Bool {
        workers.values.contains { $0.hello.services.contains(service) }
    }

    /// For a service: workers that offer it, calls they would take, calls that wait for one.
    package func load(of service: String) -> (workers: Int, credit: Int, waiting: Int) {
        let offering = workers.values.filter { $0.hello.services.contains(service) }
        return (
            offering.count,
            offering.reduce(0) { $0 + $1.credit[service, default: 0] },
            waiting.count { $0.service == service } + early.count { $0.service == service }
        )
    }

    // MARK: Calls

    package mutating func submit(_ call: PendingCall) -> [Action] {
        guard serves(call.service) else { return [.fail(callID: call.id, Self.noWorker(call.service))] }
        if let wanted = call.minPosition {
            guard follows(wanted.log, call.service) else { return [.fail(callID: call.id, Self.otherLog(wanted.log))] }
            guard isReached(wanted, call.service) else { return waitForRecord(call) }
        }
        guard waiting.count < Self.maximumWaiting else {
            return [
                .fail(
                    callID: call.id,
                    SwitchboardError(
                        .resourceExhausted,
                        "\(Self.maximumWaiting) calls wait for a worker already",
                        retryAfter: .milliseconds(50)
                    )
                )
            ]
        }
        enqueue(call)
        return dispatch()
    }

    private mutating func waitForRecord(_ call: PendingCall) -> [Action] {
        guard early.count < Self.maximumEarly else {
            return [
                .fail(
                    callID: call.id,
                    SwitchboardError(
                        .resourceExhausted,
                        "\(Self.maximumEarly) calls wait for records that no worker has applied yet",
                        retryAfter: .milliseconds(100)
                    )
                )
            ]
        }
        early.append(call)
        return []
    }

    /// Ends the calls that still wait for their record when their deadline has come.
    package mutating func expire(_ now: ContinuousClock.Instant) -> [Action] {
        let late = early.filter { $0.deadline <= now }
        guard !late.isEmpty else { return [] }
        early.removeAll { $0.deadline <= now }
        return late.map { .fail(callID: $0.id, Self.notApplied) }
    }

    /// A worker answered; the credit that the call took comes back with it.
    ///
    /// - Returns: false where the call is no longer known here.
    package mutating func finish(_ callID: UInt64) -> (isKnown: Bool, actions: [Action]) {
        guard let (call, worker) = sent.removeValue(forKey: callID) else { return (false, []) }
        workers[worker]?.inFlight.remove(callID)
        workers[worker]?.credit[call.service, default: 0] += 1
        return (true, dispatch())
    }

    /// The caller no longer waits.
    ///
    /// - Returns: the worker that has the call, to be told. Its credit comes back with its answer.
    package mutating func abandon(_ callID: UInt64) -> WorkerID? {
        waiting.removeAll { $0.id == callID }
        early.removeAll { $0.id == callID }
        return sent[callID]?.worker
    }

    /// Live calls go before updates, those before discovery; equal ones in the order of arrival.
    private mutating func enqueue(_ call: PendingCall) {
        let place = waiting.firstIndex { $0.priority > call.priority } ?? waiting.count
        waiting.insert(call, at: place)
    }

    /// Calls whose record has come join the line of the others; those of a log that nobody follows any more fail.
    private mutating func settleEarly() -> [Action] {
        var failed: [Action] = []
        var kept: [PendingCall] = []
        for call in early {
            guard let wanted = call.minPosition else { preconditionFailure("an early call asks for a position") }
            if !follows(wanted.log, call.service) {
                failed.append(.fail(callID: call.id, Self.otherLog(wanted.log)))
            } else if isReached(wanted, call.service) {
                enqueue(call)
            } else {
                kept.append(call)
            }
        }
        early = kept
        return failed
    }

    private mutating func dispatch() -> [Action] {
        guard !waiting.isEmpty else { return [] }
        var actions: [Action] = []
        var kept: [PendingCall] = []
        for call in waiting {
            guard let worker = choose(for: call) else {
                kept.append(call)
                continue
            }
            workers[worker]?.credit[call.service]? -= 1
            workers[worker]?.inFlight.insert(call.id)
            sent[call.id] = (call, worker)
            actions.append(.send(call, to: worker))
        }
        waiting = kept
        return actions
    }

    private mutating func failUnservable() -> [Action] {
        let served = RoutingServices.all.filter(serves)
        let lost = (waiting + early).filter { !served.contains($0.service) }
        waiting.removeAll { !served.contains($0.service) }
        early.removeAll { !served.contains($0.service) }
        return lost.map { .fail(callID: $0.id, Self.noWorker($0.service)) }
    }

    private func choose(for call: PendingCall) -> WorkerID? {
        let service = call.service
        let able = workers.filter { entry in
            guard entry.value.credit[service, default: 0] > 0 else { return false }
            guard let wanted = call.minPosition else { return true }
            return Self.reaches(entry.value.position, wanted)
        }
        return able.min { left, right in rank(left.value, id: left.key) < rank(right.value, id: right.key) }?.key
    }

    private func rank(_ worker: Worker, id: WorkerID) -> (Int, Int, UInt64) {
        (worker.isUpdaterSilent ? 1 : 0, worker.inFlight.count, id)
    }

    /// Whether a worker of the service has applied the position.
    private func isReached(_ wanted: LogPosition, _ service: String) -> Bool {
        workers.values.contains { $0.hello.services.contains(service) && Self.reaches($0.position, wanted) }
    }

    /// Whether a worker of the service follows the log, as far as is known; one that has not said where it is may.
    private func follows(_ log: LogID, _ service: String) -> Bool {
        workers.values.contains { worker in
            guard worker.hello.services.contains(service) else { return false }
            guard let position = worker.position else { return true }
            return position.log == log
        }
    }

    private static func reaches(_ position: LogPosition?, _ wanted: LogPosition) -> Bool {
        guard let position else { return false }
        return position.log == wanted.log && position.sequence >= wanted.sequence
    }

    private static let lostAgain = SwitchboardError(
        .unavailable,
        "the worker that had the call went away, and before it another; a smaller request may be answered"
    )

    private static let notApplied = SwitchboardError(
        .deadlineExceeded,
        "the record asked for was not applied within the deadline"
    )

    private static func otherLog(_ log: LogID) -> SwitchboardError {
        SwitchboardError(.failedPrecondition, "log \(log) is not the one that is served here; forget its positions")
    }

    private static func noWorker(_ service: String) -> SwitchboardError {
        // A role has the name of what it serves.
        let role = service.split(separator: ".").last?.lowercased() ?? service
        return SwitchboardError(
            .unavailable,
            "no worker that serves \(service) is attached; start a node with the role \(role)",
            retryAfter: .milliseconds(200)
        )
    }
}
