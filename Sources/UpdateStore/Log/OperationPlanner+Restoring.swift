internal import Core

/// What an undo or a rollback writes.
extension OperationPlanner {
    /// - Throws: `.aborted` where the log has another head than it was worked out upon, or was trimmed since.
    mutating func run(_ restoration: Restoration) throws(SwitchboardError) {
        guard state.head == restoration.head else {
            throw SwitchboardError(.aborted, "the log went on while an undo was worked out; try it again")
        }
        guard state.trims == restoration.trims else {
            throw SwitchboardError(.aborted, "the log was trimmed while an undo was worked out; try it again")
        }
        for step in restoration.steps {
            switch step {
            case .name(let fact): restore(fact)
            case .description(let intent, let sequence): try restore(intent, as: sequence)
            case .policy(let scope, let sequence): try restore(scope, as: sequence)
            case .exemplar(let id, let intent, let text, let vector):
                try restore(id, intent: intent, text: text, vector: vector)
            case .absence(let id):
                guard let known = try exemplar(id), let entry = state.verticals[known.vertical] else { continue }
                takeAway(known, in: entry.vertical)
            }
        }
    }

    private mutating func restore(_ fact: IntentRestored) {
        guard let intent = state.taxonomy[fact.intent] else { return }
        record(.intentRestored(fact))
        touch(intent.vertical)
        apply(state.taxonomy.restore(fact))
    }

    private mutating func restore(_ id: IntentID, as sequence: LogSequence?) throws(SwitchboardError) {
        guard let intent = state.taxonomy[id], intent.aliasOf == nil else { return }
        var said: IntentSet?
        if let sequence { said = try ledger.description(at: sequence) }
        describe(
            IntentSet(
                vertical: intent.vertical,
                path: intent.path,
                description: said?.description,
                phrase: said?.phrase,
                attributes: said?.attributes ?? [:],
                isEnabled: said?.isEnabled ?? true,
            )
        )
        plan.receipt.described += 1
    }

    private mutating func restore(_ scope: PolicyScope, as sequence: LogSequence?) throws(SwitchboardError) {
        var said: PolicySet?
        if let sequence { said = try ledger.policy(at: sequence) }
        let before = plan.records.count
        run(PolicySet(scope: scope, policy: said?.policy))
        if plan.records.count > before { plan.receipt.policies += 1 }
    }

    private mutating func restore(
        _ id: ExemplarID,
        intent: IntentID,
        text: LogSequence,
        vector: RestoredVector,
    ) throws(SwitchboardError) {
        let said = try ledger.upsert(at: text)
        // Erased since: it never comes back.
        guard let words = said.text, ExemplarID(vertical: said.vertical, text: words) == id else { return }
        let known = try exemplar(id)
        guard let standing = state.taxonomy[state.taxonomy.current(intent)] else {
            throw .unreadable("the intent of an exemplar")
        }
        let figures: (vector: [Float], encoder: ModelID)
        switch vector {
        case .withText: figures = (said.vector, said.encoder)
        case .set(let sequence):
            let set = try ledger.vector(at: sequence)
            figures = (set.vector, set.encoder)
        case .kept:
            guard let known else { return }
            figures = try vectorInUse(of: known)
        }
        put(
            ExemplarUpserted(
                vertical: said.vertical,
                text: words,
                path: standing.path,
                vector: figures.vector,
                encoder: figures.encoder,
                origin: said.origin,
                intent: standing.id == intent ? nil : intent,
            ),
            id: id,
            next: try nextVector(of: known),
            known: known
        )
    }

    private func vectorInUse(of known: LiveExemplar) throws(SwitchboardError) -> (vector: [Float], encoder: ModelID) {
        guard let place = known.vectorSequence else {
            let fact = try ledger.upsert(at: known.sequence)
            return (fact.vector, fact.encoder)
        }
        let set = try ledger.vector(at: place)
        return (set.vector, set.encoder)
    }
}
