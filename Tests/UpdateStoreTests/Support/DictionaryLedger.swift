import Core

@testable import UpdateStore

/// A ledger without a database.
struct DictionaryLedger: ExemplarLedger {
    private var live: [ExemplarID: LiveExemplar] = [:]
    private var upserts: [LogSequence: ExemplarUpserted] = [:]

    func exemplar(_ id: ExemplarID) throws(SwitchboardError) -> LiveExemplar? { live[id] }

    func upsert(at sequence: LogSequence) throws(SwitchboardError) -> ExemplarUpserted {
        guard let upsert = upserts[sequence] else { throw SwitchboardError(.internal, "no upsert at \(sequence)") }
        return upsert
    }

    mutating func apply(_ plan: OperationPlan) {
        for record in plan.records {
            if case .exemplarUpserted(let fact) = record.fact { upserts[record.sequence] = fact }
        }
        for change in plan.changes {
            switch change {
            case .added(let exemplar), .moved(let exemplar): live[exemplar.id] = exemplar
            case .removed(let exemplar): live[exemplar.id] = nil
            }
        }
    }

    var all: [LiveExemplar] { live.values.sorted { $0.first < $1.first } }
}

/// A log in memory that only plans.
struct PlannedLog {
    let id = LogID.random()
    private(set) var state = LogState(first: LogSequence(1), head: .start, digest: StateDigest(), lastOperation: 0)
    private(set) var ledger = DictionaryLedger()

    @discardableResult
    mutating func append(_ batch: AppendBatch) throws -> OperationPlan {
        var planner = OperationPlanner(
            try PreparedBatch(batch),
            at: 1_700_000_000_000_000,
            log: id,
            state: state,
            ledger: ledger
        )
        let plan = try planner.run()
        state = planner.state
        ledger.apply(plan)
        return plan
    }
}
