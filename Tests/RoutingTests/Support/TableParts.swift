import Calls
import Core
import Wire

@testable import Routing

/// What tests of the worker table are made of.
enum TableParts {
    static let start = ContinuousClock.now
    static let heartbeat = Duration.milliseconds(100)

    static func after(_ milliseconds: Int) -> ContinuousClock.Instant { start + .milliseconds(milliseconds) }

    /// Workers that let themselves be heard, with credit for retrievals.
    static func table(workers: [WorkerTable.WorkerID], credit: Int) -> WorkerTable {
        var table = WorkerTable()
        for worker in workers { attach(worker, to: &table, credit: credit, at: start) }
        return table
    }

    static func attach(
        _ worker: WorkerTable.WorkerID,
        to table: inout WorkerTable,
        credit: Int,
        at now: ContinuousClock.Instant,
    ) {
        let hello = WorkerHello(name: "w", services: [RoutingServices.retriever], heartbeat: heartbeat)
        table.attach(worker, hello, at: now)
        _ = table.credit(worker, WorkerCredit(service: RoutingServices.retriever, calls: credit), at: now)
    }

    static func call(
        _ id: UInt64,
        of client: UInt8 = 0,
        within time: Duration = .seconds(10),
        at now: ContinuousClock.Instant = start,
        mayBeHedged: Bool = false,
    ) -> WorkerTable.PendingCall {
        WorkerTable.PendingCall(
            id: id,
            method: "switchboard.v1.Retriever/Retrieve",
            payload: [],
            deadline: now + time,
            minPosition: nil,
            priority: .live,
            client: ClientIdentity([client]),
            mayBeHedged: mayBeHedged,
        )
    }

    /// Call id to worker.
    static func sent(_ actions: [WorkerTable.Action]) -> [UInt64: WorkerTable.WorkerID] {
        var sent: [UInt64: WorkerTable.WorkerID] = [:]
        for case .send(let call, let worker) in actions { sent[call.id] = worker }
        return sent
    }

    /// Call id to the worker that is told.
    static func cancelled(_ actions: [WorkerTable.Action]) -> [UInt64: WorkerTable.WorkerID] {
        var cancelled: [UInt64: WorkerTable.WorkerID] = [:]
        for case .cancel(let callID, let worker) in actions { cancelled[callID] = worker }
        return cancelled
    }

    /// Call id to what it is told.
    static func failed(_ actions: [WorkerTable.Action]) -> [UInt64: SwitchboardError] {
        var failed: [UInt64: SwitchboardError] = [:]
        for case .fail(let callID, let error) in actions { failed[callID] = error }
        return failed
    }
}
