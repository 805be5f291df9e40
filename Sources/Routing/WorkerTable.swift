internal import Calls
package import Core
package import Wire

/// The gateway's picture of its workers: what each serves, how many more calls it takes, how far its replica is; and the
/// calls that wait for one. A value that decides; the gateway sends.
///
/// The least loaded worker with credit takes the next call. Where none has credit the call waits in its service's own
/// line, so that a service whose workers are busy keeps no other one waiting. A call that needs a log position goes only
/// to a worker that has applied it; until one has, the call waits in a short line apart and takes nobody's credit. One
/// that hears nothing from the updater is used last. A call whose worker goes away is given to another, once. Whatever
/// was not answered by its deadline fails with `expire`, where it waits and where a worker has it.
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
        package let service: String
        package let payload: [UInt8]
        package let deadline: ContinuousClock.Instant
        package let minPosition: LogPosition?
        package let priority: Priority
        /// How many workers went away while they had it.
        var lostWorkers = 0

        init(
            id: UInt64,
            method: String,
            payload: [UInt8],
            deadline: ContinuousClock.Instant,
            minPosition: LogPosition?,
            priority: Priority,
        ) {
            self.id = id
            self.method = method
            service = String(serviceName(ofMethod: method))
            self.payload = payload
            self.deadline = deadline
            self.minPosition = minPosition
            self.priority = priority
        }
    }

    /// What the gateway is to do.
    package enum Action: Sendable {
        case send(PendingCall, to: WorkerID)
        case fail(callID: UInt64, SwitchboardError)
        /// Nobody waits for the worker's answer any more.
        case cancel(callID: UInt64, at: WorkerID)
    }

    /// A call that a worker has.
    private struct SentCall {
        let service: String
        let worker: WorkerID
        /// Nil: nobody waits for it any more. The worker's credit comes back with its answer all the same.
        var call: PendingCall?
    }

    /// Of each service, of which updates and discovery may fill a part.
    package static let maximumWaiting = 1_024
    /// Of calls that wait for a record which no worker has applied yet.
    package static let maximumEarly = 256
    /// A call that takes its worker down must not take down all.
    static let maximumLostWorkers = 1

    package private(set) var workers: [WorkerID: Worker] = [:]
    /// The models of the attached scorers, each once, of those that came first: for as many a policy is looked up.
    package private(set) var scoringModels: [ScoringModels] = []
    private var sent: [UInt64: SentCall] = [:]
    /// By service: calls that no worker has credit for. Each change that may give one a worker ends with `dispatch`, so a
    /// call that finds a worker when it comes overtakes nobody.
    private var lines: [String: WaitingLine] = [:]
    /// Calls that came before the record they ask for: each has a `minPosition` that no worker had reached.
    private var early: [PendingCall] = []

    package init() {}

    // MARK: Workers

    package mutating func attach(_ worker: WorkerID, _ hello: WorkerHello) {
        workers[worker] = Worker(hello: hello)
        noteScorers()
    }

    /// The worker has gone: its calls, which are pure, go to others, but for those that lost a worker before.
    package mutating func detach(_ worker: WorkerID, at now: ContinuousClock.Instant = .now) -> [Action] {
        guard let gone = workers.removeValue(forKey: worker) else { return [] }
        noteScorers()
        var failed: [Action] = []
        // To the front, the oldest first, as they were before what waits.
        for callID in gone.inFlight.sorted(by: >) {
            guard var call = sent.removeValue(forKey: callID)?.call else { continue }
            call.lostWorkers += 1
            if call.lostWorkers > Self.maximumLostWorkers {
                failed.append(.fail(callID: callID, Self.lostAgain))
            } else {
                lines[call.service, default: WaitingLine()].putBack(call)
            }
        }
        return failed + failUnservable() + settleEarly() + dispatchAll(now)
    }

    package mutating func credit(
        _ worker: WorkerID,
        _ credit: WorkerCredit,
        at now: ContinuousClock.Instant = .now,
    ) -> [Action] {
        workers[worker]?.credit[credit.service, default: 0] += credit.calls
        return dispatch(credit.service, now)
    }

    package mutating func applied(
        _ worker: WorkerID,
        _ applied: WorkerApplied,
        at now: ContinuousClock.Instant = .now,
    ) -> [Action] {
        workers[worker]?.position = applied.position
        workers[worker]?.isUpdaterSilent = applied.isUpdaterSilent
        return settleEarly() + dispatchAll(now)
    }

    /// What the workers offer together: a call of such a service could be answered now or soon.
    package var services: Set<String> { Set(workers.values.flatMap(\.hello.services)) }

    /// Whether a worker of the service is attached that is not to be used last: one that hears from the updater, and whose
    /// encoder answers.
    package func hasSoundWorker(of service: String) -> Bool {
        workers.values.contains { $0.hello.services.contains(service) && !$0.isUpdaterSilent }
    }

    /// Whether a scorer is attached whose models a policy was fitted for; true as well where none is attached at all.
    package func scores(under policy: LLMPolicy) -> Bool {
        let scorers = workers.values.filter { $0.hello.services.contains(RoutingServices.scorer) }
        return scorers.isEmpty || scorers.contains { $0.hello.scoringModels.map(policy.holds(for:)) == true }
    }

    private mutating func noteScorers() {
        var models: [ScoringModels] = []
        for (_, worker) in workers.sorted(by: { $0.key < $1.key }) {
            guard worker.hello.services.contains(RoutingServices.scorer), let own = worker.hello.scoringModels,
                !models.contains(own), models.count < RetrieveRequest.maximumScorers
            else { continue }
            models.append(own)
        }
        scoringModels = models
    }

    private func serves(_ service: String) -> Bool {
        workers.values.contains { $0.hello.services.contains(service) }
    }

    /// For a service: workers that offer it, calls they would take, calls that wait for one.
    package func load(of service: String) -> (workers: Int, credit: Int, waiting: Int) {
        let offering = workers.values.filter { $0.hello.services.contains(service) }
        return (
            offering.count,
            offering.reduce(0) { $0 + $1.credit[service, default: 0] },
            (lines[service]?.calls.count ?? 0) + early.count { $0.service == service }
        )
    }

    // MARK: Calls

    package mutating func submit(_ call: PendingCall, at now: ContinuousClock.Instant = .now) -> [Action] {
        guard call.deadline > now else { return [.fail(callID: call.id, Self.noneFree)] }
        guard serves(call.service) else { return [.fail(callID: call.id, Self.noWorker(call.service))] }
        if let wanted = call.minPosition {
            guard follows(wanted.log, call.service) else { return [.fail(callID: call.id, .otherLog(wanted.log))] }
            guard isReached(wanted, call.service) else { return waitForRecord(call) }
        }
        if let worker = choose(for: call) { return [assign(call, to: worker)] }
        guard lines[call.service, default: WaitingLine()].hasRoom(for: call.priority) else {
            return [.fail(callID: call.id, Self.lineIsFull(call.service, call.priority))]
        }
        lines[call.service, default: WaitingLine()].append(call)
        return []
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

    /// When `expire` next has something to do; nil where nobody waits for anything.
    package var earliestDeadline: ContinuousClock.Instant? {
        let inLine = lines.values.flatMap { $0.calls.map(\.deadline) }
        return (inLine + early.map(\.deadline) + sent.values.compactMap { $0.call?.deadline }).min()
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
        let late = sent.filter { entry in entry.value.call.map { $0.deadline <= now } ?? false }
        for (callID, entry) in late.sorted(by: { $0.key < $1.key }) {
            sent[callID]?.call = nil
            actions.append(.fail(callID: callID, Self.notAnswered))
            actions.append(.cancel(callID: callID, at: entry.worker))
        }
        return actions
    }

    /// A worker answered; the credit that the call took comes back with it.
    ///
    /// - Returns: false where the call is no longer known here.
    package mutating func finish(
        _ callID: UInt64,
        at now: ContinuousClock.Instant = .now,
    ) -> (isKnown: Bool, actions: [Action]) {
        guard let entry = sent.removeValue(forKey: callID) else { return (false, []) }
        workers[entry.worker]?.inFlight.remove(callID)
        workers[entry.worker]?.credit[entry.service, default: 0] += 1
        return (true, dispatch(entry.service, now))
    }

    /// The caller no longer waits.
    ///
    /// - Returns: the worker that has the call, to be told. Its credit comes back with its answer.
    package mutating func abandon(_ callID: UInt64) -> WorkerID? {
        if let worker = sent[callID]?.worker {
            sent[callID]?.call = nil
            return worker
        }
        for service in lines.keys { lines[service]?.remove(callID) }
        early.removeAll { $0.id == callID }
        return nil
    }

    /// Calls whose record has come join the line of the others; those of a log that nobody follows any more fail.
    private mutating func settleEarly() -> [Action] {
        var failed: [Action] = []
        var kept: [PendingCall] = []
        for call in early {
            guard let wanted = call.minPosition else { preconditionFailure("an early call asks for a position") }
            if !follows(wanted.log, call.service) {
                failed.append(.fail(callID: call.id, .otherLog(wanted.log)))
            } else if isReached(wanted, call.service) {
                lines[call.service, default: WaitingLine()].append(call)
            } else {
                kept.append(call)
            }
        }
        early = kept
        return failed
    }

    private mutating func dispatchAll(_ now: ContinuousClock.Instant) -> [Action] {
        var actions: [Action] = []
        for service in lines.keys.sorted() { actions += dispatch(service, now) }
        return actions
    }

    /// Gives the calls that wait for a service to its workers, as far as their credit goes.
    private mutating func dispatch(_ service: String, _ now: ContinuousClock.Instant) -> [Action] {
        // Taken out, as it is changed while the workers are.
        guard hasCredit(service), var line = lines.removeValue(forKey: service) else { return [] }
        var actions: [Action] = []
        line.serve { call in
            guard call.deadline > now else {
                actions.append(.fail(callID: call.id, Self.noneFree))
                return .gone
            }
            guard let worker = choose(for: call) else {
                // For want of credit, or of a worker with credit that has the record.
                return call.minPosition == nil ? .stop : .stays
            }
            actions.append(assign(call, to: worker))
            return .gone
        }
        if !line.calls.isEmpty { lines[service] = line }
        return actions
    }

    private mutating func assign(_ call: PendingCall, to worker: WorkerID) -> Action {
        workers[worker]?.credit[call.service]? -= 1
        workers[worker]?.inFlight.insert(call.id)
        sent[call.id] = SentCall(service: call.service, worker: worker, call: call)
        return .send(call, to: worker)
    }

    private mutating func failUnservable() -> [Action] {
        let served = services
        var lost: [PendingCall] = []
        for service in lines.keys.sorted() where !served.contains(service) {
            lost += lines.removeValue(forKey: service)?.calls ?? []
        }
        lost += early.filter { !served.contains($0.service) }
        early.removeAll { !served.contains($0.service) }
        return lost.map { .fail(callID: $0.id, Self.noWorker($0.service)) }
    }

    private func hasCredit(_ service: String) -> Bool {
        workers.values.contains { $0.credit[service, default: 0] > 0 }
    }

    private func choose(for call: PendingCall) -> WorkerID? {
        var best: (id: WorkerID, rank: (Int, Int, UInt64))?
        for (id, worker) in workers {
            guard worker.credit[call.service, default: 0] > 0 else { continue }
            if let wanted = call.minPosition, worker.position?.reaches(wanted) != true { continue }
            let own = (worker.isUpdaterSilent ? 1 : 0, worker.inFlight.count, id)
            if let best, best.rank < own { continue }
            best = (id, own)
        }
        return best?.id
    }

    /// Whether a worker of the service has applied the position.
    private func isReached(_ wanted: LogPosition, _ service: String) -> Bool {
        workers.values.contains { worker in
            worker.hello.services.contains(service) && worker.position?.reaches(wanted) == true
        }
    }

    /// Whether a worker of the service follows the log, as far as is known; one that has not said where it is may.
    private func follows(_ log: LogID, _ service: String) -> Bool {
        workers.values.contains { worker in
            guard worker.hello.services.contains(service) else { return false }
            guard let position = worker.position else { return true }
            return position.log == log
        }
    }

    private static let lostAgain = SwitchboardError(
        .unavailable,
        "the worker that had the call went away, and before it another; a smaller request may be answered"
    )

    private static let notApplied = SwitchboardError(
        .deadlineExceeded,
        "the record asked for was not applied within the deadline"
    )

    private static let noneFree = SwitchboardError(
        .deadlineExceeded,
        "the deadline passed before a worker was free"
    )

    private static let notAnswered = SwitchboardError(
        .deadlineExceeded,
        "the worker that has the call did not answer within the deadline"
    )

    private static func lineIsFull(_ service: String, _ priority: Priority) -> SwitchboardError {
        SwitchboardError(
            .resourceExhausted,
            "as many calls wait for a worker that serves \(service) as may wait with the priority \(priority.rawValue)",
            retryAfter: .milliseconds(50)
        )
    }

    private static func noWorker(_ service: String) -> SwitchboardError {
        // A role has the name of what it serves.
        let role = service.split(separator: ".").last?.lowercased() ?? service
        return SwitchboardError(
            .unavailable,
            "no worker that serves \(service) is attached; start a node with the role \(role), or see what /readyz of "
                + "those that run says",
            retryAfter: .milliseconds(200)
        )
    }
}

extension WorkerHello {
    /// Nil: it does not say.
    fileprivate var scoringModels: ScoringModels? {
        guard let baseModel, let prompt else { return nil }
        return ScoringModels(base: baseModel, adapter: adapter, prompt: prompt)
    }
}
