import Core

@testable import UpdateStore

/// A ledger without a database.
struct DictionaryLedger: ExemplarLedger {
    private var live: [ExemplarID: LiveExemplar] = [:]
    private var upserts: [LogSequence: ExemplarUpserted] = [:]
    private var vectors: [LogSequence: VectorSet] = [:]
    private var descriptions: [LogSequence: IntentSet] = [:]
    private var policies: [LogSequence: PolicySet] = [:]

    func exemplar(_ id: ExemplarID) throws(SwitchboardError) -> LiveExemplar? { live[id] }

    func upsert(at sequence: LogSequence) throws(SwitchboardError) -> ExemplarUpserted {
        guard let upsert = upserts[sequence] else { throw SwitchboardError(.internal, "no upsert at \(sequence)") }
        return upsert
    }

    func vector(at sequence: LogSequence) throws(SwitchboardError) -> VectorSet {
        guard let set = vectors[sequence] else { throw SwitchboardError(.internal, "no vector at \(sequence)") }
        return set
    }

    func description(at sequence: LogSequence) throws(SwitchboardError) -> IntentSet {
        guard let set = descriptions[sequence] else { throw SwitchboardError(.internal, "nothing set at \(sequence)") }
        return set
    }

    func policy(at sequence: LogSequence) throws(SwitchboardError) -> PolicySet {
        guard let set = policies[sequence] else { throw SwitchboardError(.internal, "no policy at \(sequence)") }
        return set
    }

    mutating func apply(_ plan: OperationPlan) {
        for record in plan.records {
            if case .exemplarUpserted(let fact) = record.fact { upserts[record.sequence] = fact }
            if case .vectorSet(let fact) = record.fact { vectors[record.sequence] = fact }
            if case .intentSet(let fact) = record.fact { descriptions[record.sequence] = fact }
            if case .policySet(let fact) = record.fact { policies[record.sequence] = fact }
        }
        for change in plan.changes {
            switch change {
            case .added(let exemplar), .moved(let exemplar), .prepared(let exemplar): live[exemplar.id] = exemplar
            case .removed(let exemplar): live[exemplar.id] = nil
            case .droppedNextVectors: live = live.mapValues { $0.without(\.next) }
            case .switchedVectors:
                live = live.mapValues { exemplar in
                    guard let next = exemplar.next else { return exemplar }
                    var switched = exemplar.without(\.next)
                    switched.vectorSequence = next.sequence
                    switched.term = next.term
                    return switched
                }
            }
        }
    }

    var all: [LiveExemplar] { live.values.sorted { $0.first < $1.first } }
}

extension LiveExemplar {
    fileprivate func without<Value>(_ part: WritableKeyPath<LiveExemplar, Value?>) -> LiveExemplar {
        var other = self
        other[keyPath: part] = nil
        return other
    }
}

/// A log in memory that only plans.
struct PlannedLog {
    let id = LogID.random()
    private(set) var state = LogState(first: LogSequence(1), head: .start, digest: StateDigest(), lastOperation: 0)
    private(set) var ledger = DictionaryLedger()

    @discardableResult
    mutating func append(_ batch: AppendBatch) throws -> OperationPlan { try run(PreparedBatch(batch)) }

    @discardableResult
    mutating func append(_ upkeep: LogUpkeep) throws -> OperationPlan {
        try run(PreparedBatch(upkeep, change: [1], source: "tests"))
    }

    private mutating func run(_ prepared: PreparedBatch) throws -> OperationPlan {
        var planner = OperationPlanner(
            prepared,
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
