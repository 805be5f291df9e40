internal import Core
internal import HashTreeCollections

/// How each kind of record changes the state.
extension ReplicaState {
    /// - Throws: `.failedPrecondition` for a record that was applied before or comes too early, `.invalidArgument` for
    ///   one that no replica can hold. The value is half changed then, and to be thrown away.
    mutating func apply(_ records: [LogRecord]) throws(SwitchboardError) {
        for record in records {
            try advance(to: record.sequence)
            switch record.fact {
            case .exemplarUpserted(let fact): try apply(fact, at: record.sequence)
            case .exemplarRemoved(let fact): apply(fact)
            case .intentSet(let fact): apply(fact, at: record.sequence)
            case .intentRenamed(let fact): apply(taxonomy.rename(fact, at: record.sequence))
            case .intentsMerged(let fact): apply(taxonomy.merge(fact, at: record.sequence))
            case .intentRestored(let fact): apply(taxonomy.restore(fact))
            case .policySet(let fact): apply(fact, at: record.sequence)
            case .vectorSet(let fact): try apply(fact, at: record.sequence)
            case .modelsSwitched(let fact): try apply(fact, at: record.sequence)
            case .keySet(let fact): apply(fact)
            case .exemplarBlanked(let fact): apply(fact, at: record.sequence)
            case .purged(let fact): apply(fact)
            }
        }
        serving.refreshClasses()
        next?.refreshClasses()
    }

    private mutating func advance(to sequence: LogSequence) throws(SwitchboardError) {
        let next = position.sequence.next
        guard sequence >= next else {
            throw SwitchboardError(
                .failedPrecondition,
                "record \(sequence) has been applied already; the replica is at \(position.sequence)"
            )
        }
        guard sequence == next else {
            throw SwitchboardError(
                .failedPrecondition,
                "record \(sequence) cannot be applied: the replica is at \(position.sequence), so the "
                    + "\(sequence.number - next.number) records from \(next) on are missing"
            )
        }
        position = LogPosition(log: position.log, sequence: sequence)
    }

    private mutating func apply(_ fact: ExemplarUpserted, at sequence: LogSequence) throws(SwitchboardError) {
        guard let text = fact.text else {
            throw .invalid("record \(sequence) came without its text, as followers of names only get it")
        }
        try check(fact.vector, of: sequence)
        let id = ExemplarID(vertical: fact.vertical, text: text)
        let intent: IntentID
        if let known = fact.intent {
            intent = known
        } else {
            let named = taxonomy.name(fact.path, in: fact.vertical, at: sequence)
            for created in named.created { names.add(StateDigest.term(intent: created)) }
            intent = named.id
        }
        guard taxonomy[intent] != nil else {
            throw .invalid("record \(sequence) names an intent that no record before it made")
        }
        serving.upsert(fact, id: id, text: text, intent: intent, at: sequence, in: taxonomy, settings)
        next?.relabel(id, intent: intent, in: taxonomy)
    }

    private mutating func apply(_ fact: ExemplarRemoved) {
        serving.removeCounted(fact.exemplar)
        next?.removeCounted(fact.exemplar)
    }

    private mutating func apply(_ fact: IntentSet, at sequence: LogSequence) {
        let wasEnabled = taxonomy.id(of: fact.path, in: fact.vertical).flatMap { taxonomy[$0]?.isEnabled } ?? true
        for intent in taxonomy.set(fact, at: sequence) { names.add(StateDigest.term(intent: intent)) }
        guard wasEnabled != fact.isEnabled else { return }
        serving.refreshEnabled(fact.vertical, in: taxonomy)
        next?.refreshEnabled(fact.vertical, in: taxonomy)
    }

    /// Takes over what a record about names changed. No row is touched: what their intents stand for is looked up.
    private mutating func apply(_ change: NamesChange) {
        names.apply(change)
        guard let vertical = change.changed.first?.after.vertical else { return }
        serving.refreshNames(vertical, in: taxonomy)
        next?.refreshNames(vertical, in: taxonomy)
    }

    private mutating func apply(_ fact: PolicySet, at sequence: LogSequence) {
        if let old = policies[fact.scope] { names.remove(StateDigest.term(policy: old.policy, scope: fact.scope)) }
        policies[fact.scope] = fact.policy.map { ScopedPolicy(policy: $0, sequence: sequence) }
        if let policy = fact.policy { names.add(StateDigest.term(policy: policy, scope: fact.scope)) }
    }

    private mutating func apply(_ fact: KeySet) {
        if let old = keys.apply(fact) { names.remove(StateDigest.term(key: old)) }
        names.add(StateDigest.term(key: fact))
    }

    private mutating func apply(_ fact: VectorSet, at sequence: LogSequence) throws(SwitchboardError) {
        try check(fact.vector, of: sequence)
        if next?.encoder != fact.encoder { next = makeGeneration(of: fact.encoder) }
        // One that is not there was removed before: the log's writer sets vectors of what lives.
        guard let place = serving.exemplars[fact.exemplar] else { return }
        let index = serving.verticals[place.vertical]
        next?.set(
            fact,
            facts: index.table[place.row],
            intent: index.ownIntent(of: place.row),
            in: taxonomy,
            settings,
        )
    }

    private mutating func apply(_ fact: ModelsSwitched, at sequence: LogSequence) throws(SwitchboardError) {
        defer { next = nil }
        guard fact.encoder != serving.encoder else { return }
        let prepared = next?.encoder == fact.encoder ? next : nil
        // What is prepared lives, so that as many are all.
        let missing = serving.exemplars.count - (prepared?.exemplars.count ?? 0)
        guard missing == 0 else {
            throw .invalid(
                "record \(sequence) switches to encoder \(fact.encoder.short), of which \(missing) exemplars have no vector"
            )
        }
        serving = prepared ?? makeGeneration(of: fact.encoder)
    }

    /// Of the exemplar nothing is left, but its record has a place among the others, and named its intent.
    private mutating func apply(_ fact: ExemplarBlanked, at sequence: LogSequence) {
        switch fact.kind {
        case .upserted(let path, let encoder):
            for intent in taxonomy.name(path, in: fact.vertical, at: sequence).created {
                names.add(StateDigest.term(intent: intent))
            }
            serving.countBlanked(in: fact.vertical, of: encoder, settings)
        case .vectorSet(let encoder):
            if next?.encoder != encoder { next = makeGeneration(of: encoder) }
            next?.countBlanked(in: fact.vertical, of: encoder, settings)
        case .removed: break
        }
    }

    private mutating func apply(_ fact: Purged) {
        let blanked = Set(fact.blanked)
        generationsMade += 1
        serving.purge(blanked, in: fact.verticals, as: generationsMade, taxonomy, settings)
        guard next != nil else { return }
        generationsMade += 1
        next?.purge(blanked, in: fact.verticals, as: generationsMade, taxonomy, settings)
    }

    private mutating func makeGeneration(of encoder: ModelID) -> VectorGeneration {
        generationsMade += 1
        return VectorGeneration(number: generationsMade, encoder: encoder)
    }

    private func check(_ vector: [Float], of sequence: LogSequence) throws(SwitchboardError) {
        guard vector.count == settings.dimension else {
            throw .invalid(
                "the vector of record \(sequence) has \(vector.count) dimensions; "
                    + "this index holds \(settings.dimension)"
            )
        }
    }
}
