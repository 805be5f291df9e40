package import Core
package import Wire

/// The gateway's picture of its workers: what each serves, how many more calls it takes, how far its replica is; and the
/// calls that wait for one. A value that decides; the gateway sends.
///
/// The least loaded worker with credit takes the next call. A call that needs a log position goes only to a worker that
/// has applied it, or to one that will have to wait for it where none has. One that hears nothing from the updater is
/// used last.
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
        var service: String { String(method.prefix { $0 != "/" }) }
    }

    /// What the gateway is to do.
    package enum Action: Sendable {
        case send(PendingCall, to: WorkerID)
        case fail(callID: UInt64, SwitchboardError)
    }

    package static let maximumWaiting = 1_024

    package private(set) var workers: [WorkerID: Worker] = [:]
    private var sent: [UInt64: (call: PendingCall, worker: WorkerID)] = [:]
    private var waiting: [PendingCall] = []

    package init() {}

    // MARK: Workers

    package mutating func attach(_ worker: WorkerID, _ hello: WorkerHello) {
        workers[worker] = Worker(hello: hello)
    }

    /// The worker has gone: its calls, which are pure, go to others.
    package mutating func detach(_ worker: WorkerID) -> [Action] {
        guard let gone = workers.removeValue(forKey: worker) else { return [] }
        for callID in gone.inFlight.sorted() {
            if let call = sent.removeValue(forKey: callID)?.call { waiting.insert(call, at: 0) }
        }
        return dispatch() + failUnservable()
    }

    package mutating func credit(_ worker: WorkerID, _ credit: WorkerCredit) -> [Action] {
        workers[worker]?.credit[credit.service, default: 0] += credit.calls
        return dispatch()
    }

    package mutating func applied(_ worker: WorkerID, _ applied: WorkerApplied) -> [Action] {
        workers[worker]?.position = applied.position
        workers[worker]?.isUpdaterSilent = applied.isUpdaterSilent
        return []
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
            waiting.count { $0.service == service }
        )
    }

    // MARK: Calls

    package mutating func submit(_ call: PendingCall) -> [Action] {
        guard serves(call.service) else { return [.fail(callID: call.id, Self.noWorker(call.service))] }
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
        // Live calls go before updates, those before discovery; equal ones in the order of arrival.
        let place = waiting.firstIndex { $0.priority > call.priority } ?? waiting.count
        waiting.insert(call, at: place)
        return dispatch()
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
        return sent[callID]?.worker
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
        let lost = waiting.filter { !served.contains($0.service) }
        waiting.removeAll { !served.contains($0.service) }
        return lost.map { .fail(callID: $0.id, Self.noWorker($0.service)) }
    }

    private func choose(for call: PendingCall) -> WorkerID? {
        let service = call.service
        let able = workers.filter { $0.value.credit[service, default: 0] > 0 }
        return able.min { left, right in
            rank(left.value, id: left.key, call) < rank(right.value, id: right.key, call)
        }?.key
    }

    private func rank(_ worker: Worker, id: WorkerID, _ call: PendingCall) -> (Int, Int, Int, UInt64) {
        let isBehind = call.minPosition.map { !Self.reaches(worker.position, $0) } ?? false
        return (isBehind ? 1 : 0, worker.isUpdaterSilent ? 1 : 0, worker.inFlight.count, id)
    }

    private static func reaches(_ position: LogPosition?, _ wanted: LogPosition) -> Bool {
        guard let position else { return false }
        return position.log == wanted.log && position.sequence >= wanted.sequence
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
