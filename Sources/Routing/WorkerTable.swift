internal import Calls
package import Core
package import Wire

/// The gateway's picture of its workers: what each serves, how many more calls it takes, how far its replica is, whether it
/// is heard; and the calls that wait for one. A value that decides; the gateway sends.
///
/// The least loaded worker with credit takes the next call. Where none has credit the call waits in its service's own
/// line, so that a service whose workers are busy keeps no other one waiting, and in it clients take turns. A call that
/// needs a log position goes only to a worker that has applied it; until one has, the call waits in a short line apart
/// and takes nobody's credit. One for certain models goes only to a scorer that has them. One that hears nothing from
/// the updater is used last, one that is not heard itself or leaves gets nothing. A call whose worker goes away or
/// falls silent is given to another, once; one whose worker takes longer than usual or will not do it may be given to a
/// second one, which a throttle bounds. Whatever was not answered by its deadline fails with `expire`, where it waits
/// and where a worker has it.
package struct WorkerTable: Sendable {
    package typealias WorkerID = UInt64

    package struct Worker: Sendable {
        package let hello: WorkerHello
        var credit: [String: Int] = [:]
        /// The services of the calls that it has, by id; of some nobody waits for the answer any more.
        var inFlight: [UInt64: String] = [:]
        package var position: LogPosition?
        var isUpdaterSilent = false
        var lastHeard: ContinuousClock.Instant
        /// It was not heard for longer than it promised.
        var isSilent = false
        /// It said that it goes.
        var isLeaving = false

        var takesCalls: Bool { !isSilent && !isLeaving }
    }

    /// What the gateway is to do.
    package enum Action: Sendable {
        case send(PendingCall, to: WorkerID)
        case fail(callID: UInt64, SwitchboardError)
        /// Nobody waits for the worker's answer any more.
        case cancel(callID: UInt64, at: WorkerID)
    }

    /// A call that workers have and somebody waits for.
    struct SentCall: Sendable {
        var call: PendingCall
        /// One, or two where it was hedged.
        var workers: [WorkerID]
        /// When the first of them got it.
        let since: ContinuousClock.Instant
    }

    /// Of each service, of which updates and discovery may fill a part.
    package static let maximumWaiting = 1_024
    /// So many may wait whatever their deadline, so that the line moves and shows how fast it does.
    static let neverRefused = 8
    /// Of calls that wait for a record which no worker has applied yet; of one client no more than places are free.
    package static let maximumEarly = 256
    /// A call that takes its worker down must not take down all.
    static let maximumLostWorkers = 1

    package internal(set) var workers: [WorkerID: Worker] = [:]
    /// The models of the attached scorers, each once, of those that came first: for as many a policy is looked up.
    package private(set) var scoringModels: [ScoringModels] = []
    var sent: [UInt64: SentCall] = [:]
    /// By service: calls that no worker has credit for. Each change that may give one a worker ends with `dispatch`, so a
    /// call that finds a worker when it comes overtakes nobody.
    var lines: [String: WaitingLine] = [:]
    /// Calls that came before the record they ask for: each has a `minPosition` that no worker had reached.
    var early: [PendingCall] = []
    /// How long workers usually take, by method.
    var usualTimes: [String: UsualTime] = [:]
    /// Of calls that are sent to a second worker though the first has not gone.
    var throttle = RetryThrottle()
    var lastWatch: ContinuousClock.Instant?

    package init() {}

    // MARK: Workers

    package mutating func attach(_ worker: WorkerID, _ hello: WorkerHello, at now: ContinuousClock.Instant = .now) {
        workers[worker] = Worker(hello: hello, lastHeard: now)
        noteScorers()
    }

    /// The worker has gone: its calls, which are pure, go to others, but for those that lost a worker before.
    package mutating func detach(_ worker: WorkerID, at now: ContinuousClock.Instant = .now) -> [Action] {
        guard let gone = workers.removeValue(forKey: worker) else { return [] }
        noteScorers()
        return lose(gone.inFlight.keys, of: worker, at: now) + failUnservable() + settleEarly(now) + dispatchAll(now)
    }

    package mutating func credit(
        _ worker: WorkerID,
        _ credit: WorkerCredit,
        at now: ContinuousClock.Instant = .now,
    ) -> [Action] {
        // What it did not announce it gets no calls of, and no room is kept for.
        guard workers[worker]?.hello.services.contains(credit.service) == true else { return [] }
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
        return settleEarly(now) + dispatchAll(now)
    }

    /// The worker wants no new calls; those that it has it answers.
    package mutating func leave(_ worker: WorkerID, at now: ContinuousClock.Instant = .now) -> [Action] {
        workers[worker]?.isLeaving = true
        noteScorers()
        return failUnservable() + settleEarly(now)
    }

    /// Whether a worker that leaves has answered all it had.
    package func hasLeft(_ worker: WorkerID) -> Bool {
        workers[worker].map { $0.isLeaving && $0.inFlight.isEmpty } ?? true
    }

    /// What the workers offer together: a call of such a service could be answered now or soon.
    package var services: Set<String> {
        Set(workers.values.filter { !$0.isLeaving }.flatMap(\.hello.services))
    }

    /// Whether a worker of the service is attached that is not to be used last: one that hears from the updater, and whose
    /// encoder answers.
    package func hasSoundWorker(of service: String) -> Bool {
        workers.values.contains { $0.hello.services.contains(service) && !$0.isUpdaterSilent }
    }

    /// Whether another worker that takes calls has the same name and offers the same.
    package func hasNamesake(_ worker: WorkerID) -> Bool {
        guard let own = workers[worker]?.hello else { return false }
        return workers.contains { id, other in
            id != worker && other.takesCalls && other.hello.name == own.name
                && !Set(other.hello.services).isDisjoint(with: own.services)
        }
    }

    /// Whether a scorer is attached whose models a policy was fitted for; true as well where none is attached at all.
    package func scores(under policy: LLMPolicy) -> Bool {
        let scorers = workers.values.filter { $0.offers(RoutingServices.scorer) }
        return scorers.isEmpty || scorers.contains { $0.hasModels(of: policy) }
    }

    mutating func noteScorers() {
        var models: [ScoringModels] = []
        for (_, worker) in workers.sorted(by: { $0.key < $1.key }) where worker.offers(RoutingServices.scorer) {
            guard let own = worker.hello.scoringModels, !models.contains(own),
                models.count < RetrieveRequest.maximumScorers
            else { continue }
            models.append(own)
        }
        scoringModels = models
    }

    /// For a service: workers that offer it, calls they would take, calls that wait for one.
    package func load(of service: String) -> (workers: Int, credit: Int, waiting: Int) {
        let offering = workers.values.filter { $0.offers(service) }
        return (
            offering.count,
            offering.filter(\.takesCalls).reduce(0) { $0 + $1.credit[service, default: 0] },
            (lines[service]?.count ?? 0) + early.count { $0.service == service }
        )
    }

    /// Takes calls from a worker that does not answer them: they wait for another, the oldest first.
    mutating func lose(
        _ calls: some Sequence<UInt64>,
        of worker: WorkerID,
        at now: ContinuousClock.Instant,
    ) -> [Action] {
        var failed: [Action] = []
        for callID in calls.sorted(by: >) {
            guard var entry = sent[callID], let place = entry.workers.firstIndex(of: worker) else { continue }
            entry.workers.remove(at: place)
            entry.call.lostWorkers += 1
            guard entry.workers.isEmpty else {
                // Another has it as well.
                sent[callID] = entry
                continue
            }
            sent[callID] = nil
            if entry.call.lostWorkers > Self.maximumLostWorkers {
                failed.append(.fail(callID: callID, Self.lostAgain))
            } else {
                entry.call.repeated = .lost
                lines[entry.call.service, default: WaitingLine()].putBack(entry.call, at: now)
            }
        }
        return failed
    }
}

extension WorkerTable.Worker {
    /// One that leaves offers nothing; one that is silent may be heard again.
    func offers(_ service: String) -> Bool { !isLeaving && hello.services.contains(service) }

    func hasModels(of policy: LLMPolicy) -> Bool { hello.scoringModels.map(policy.holds(for:)) == true }

    /// Whether the call may be given to it at all, now or later.
    func serves(_ call: WorkerTable.PendingCall) -> Bool {
        offers(call.service) && call.scoringPolicy.map(hasModels(of:)) ?? true
    }
}

extension WorkerHello {
    /// Nil: it does not say.
    fileprivate var scoringModels: ScoringModels? {
        guard let baseModel, let prompt else { return nil }
        return ScoringModels(base: baseModel, adapter: adapter, prompt: prompt)
    }
}
