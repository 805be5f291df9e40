internal import Core

/// Notes, record by record, what is to be undone: what each thing was before, and whether another change touched it
/// since.
///
/// A value that is fed before each record is applied to the fold of the log. Of what the undone operations did not touch
/// it holds nothing.
struct ReversalTrace {
    let target: ReversalTarget
    /// The change id of an earlier attempt at the same; what that put back is no change since.
    let attempt: [UInt8]?
    private(set) var exemplars: [ExemplarID: Trace<LogFold.Living?>] = [:]
    private(set) var names: [IntentID: Trace<NameRestoration.Name>] = [:]
    private(set) var descriptions: [IntentID: Trace<LogSequence?>] = [:]
    private(set) var policies: [PolicyScope: Trace<LogSequence?>] = [:]
    /// Records that hold the policy that shipped with a node.
    private(set) var shipped: Set<LogSequence> = []
    /// By what is undone; they stay.
    private(set) var created: Set<IntentID> = []
    /// The first record that is undone, of all verticals; nil: none was met.
    private(set) var first: LogSequence?

    struct Trace<Value> {
        let before: Value
        /// The last other change that touched it afterwards.
        var later: [UInt8]?
    }

    private enum Role {
        case undone
        case attempt
        case other([UInt8])
    }

    init(_ target: ReversalTarget, attempt: [UInt8]?) {
        self.target = target
        self.attempt = attempt
    }

    mutating func begin(_ operation: CommittedOperation) {
        if first == nil, isUndone(operation.records[0]) { first = operation.first }
    }

    /// - Throws: `.failedPrecondition` where models were switched by what is undone.
    mutating func note(_ record: LogRecord, in fold: LogFold) throws(SwitchboardError) {
        switch record.fact {
        case .exemplarUpserted(let fact):
            guard let text = fact.text else { return }
            let role = role(of: record, fact.vertical)
            let id = ExemplarID(vertical: fact.vertical, text: text)
            Self.touch(&exemplars, id, role, before: fold.exemplars[id])
            if fact.intent == nil { noteCreated(fact.path, fact.vertical, record, role, fold) }
        case .exemplarRemoved(let fact):
            let role = role(of: record, fact.vertical)
            Self.touch(&exemplars, fact.exemplar, role, before: fold.exemplars[fact.exemplar])
        case .intentSet(let fact):
            let role = role(of: record, fact.vertical)
            let known = fold.taxonomy.id(of: fact.path, in: fact.vertical)
            let id = known ?? IntentID(namedAt: record.sequence, depth: fact.path.depth)
            Self.touch(&descriptions, id, role, before: fold.descriptions[id])
            noteCreated(fact.path, fact.vertical, record, role, fold)
        case .intentRenamed(let fact):
            var taxonomy = fold.taxonomy
            noteNames(taxonomy.rename(fact, at: record.sequence), record)
        case .intentsMerged(let fact):
            var taxonomy = fold.taxonomy
            noteNames(taxonomy.merge(fact, at: record.sequence), record)
        case .intentRestored(let fact):
            var taxonomy = fold.taxonomy
            noteNames(taxonomy.restore(fact), record)
        case .policySet(let fact):
            var vertical: Vertical?
            if case .vertical(let named) = fact.scope { vertical = named }
            let role = role(of: record, vertical)
            Self.touch(&policies, fact.scope, role, before: fold.policies[fact.scope]?.sequence)
            if fact.scope == .builtin, fact.policy != nil, record.stamp.source == AppendBatch.shippedSource {
                shipped.insert(record.sequence)
            }
        case .exemplarBlanked(let fact):
            // Nothing brings back what was erased.
            guard case .upserted(let path, _) = fact.kind else { return }
            noteCreated(path, fact.vertical, record, role(of: record, fact.vertical), fold)
        // Who may connect stays as it is.
        case .vectorSet, .keySet, .purged: break
        case .modelsSwitched(let fact):
            guard isUndone(record), fact.encoder != fold.encoder else { return }
            throw SwitchboardError(
                .failedPrecondition,
                "record \(record.sequence) switched to encoder \(fact.encoder.short), which is not undone this way: "
                    + "'index reencode' with the old encoder's file goes back to it"
            )
        }
    }

    private mutating func noteNames(_ change: NamesChange, _ record: LogRecord) {
        for (before, _) in change.changed {
            let role = role(of: record, before.vertical)
            Self.touch(&names, before.id, role, before: NameRestoration.Name(before))
        }
        if isUndone(record) { created.formUnion(change.created.map(\.id)) }
    }

    private mutating func noteCreated(
        _ path: IntentPath,
        _ vertical: Vertical,
        _ record: LogRecord,
        _ role: Role,
        _ fold: LogFold,
    ) {
        guard case .undone = role, fold.taxonomy.id(of: path, in: vertical) == nil else { return }
        for node in path.lineage where fold.taxonomy.id(of: node, in: vertical) == nil {
            created.insert(IntentID(namedAt: record.sequence, depth: node.depth))
        }
    }

    /// - Parameter vertical: that the record speaks of; nil: of all, as some policies do.
    private func role(of record: LogRecord, _ vertical: Vertical?) -> Role {
        if isUndone(record) {
            guard case .after(_, let chosen?) = target, chosen != vertical else { return .undone }
            return .other(record.stamp.change)
        }
        return record.stamp.change == attempt ? .attempt : .other(record.stamp.change)
    }

    private func isUndone(_ record: LogRecord) -> Bool {
        switch target {
        case .after(let place, _): record.sequence > place
        case .change(let change): record.stamp.change == change
        }
    }

    private static func touch<Key, Value>(
        _ traces: inout [Key: Trace<Value>],
        _ key: Key,
        _ role: Role,
        before: @autoclosure () -> Value,
    ) {
        switch role {
        case .undone:
            // After another change's touch, what that made of it is what stood before.
            if traces[key] == nil || traces[key]?.later != nil { traces[key] = Trace(before: before()) }
        case .attempt: break
        case .other(let change): traces[key]?.later = change
        }
    }
}
