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
            case .policySet(let fact): apply(fact, at: record.sequence)
            }
        }
        for place in verticals.indices where verticals[place].classes.isStale { verticals[place].classes.refresh() }
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
        guard fact.vector.count == settings.dimension else {
            throw .invalid(
                "the vector of record \(sequence) has \(fact.vector.count) dimensions; "
                    + "this index holds \(settings.dimension)"
            )
        }
        let id = ExemplarID(vertical: fact.vertical, text: text)
        let vertical = place(of: fact.vertical)
        let (intent, created) = taxonomy.name(fact.path, in: fact.vertical, at: sequence)
        for intent in created { digest.add(StateDigest.term(intent: intent)) }
        let slot = verticals[vertical].intents.slot(of: intent, in: taxonomy)
        let encoder = encoderPlace(of: fact.encoder)

        let old = exemplars[id]
        if let old, holds(fact, at: old, encoder: encoder) {
            relabel(old, of: id, to: slot, intent: intent, fact: fact)
        } else {
            let firstSequence = old.map { verticals[vertical].table.firstSequence(of: $0.row) } ?? sequence
            if let old { remove(id, at: old) }
            let facts = RowFacts(
                exemplar: id,
                firstSequence: firstSequence,
                slot: slot,
                encoder: encoder,
                text: text.value,
                origin: fact.origin,
            )
            let row = verticals[vertical].append(facts, vector: fact.vector)
            exemplars[id] = RowPlace(vertical: vertical, row: row)
            encoderCounts[Int(encoder)] += 1
            digest.add(
                StateDigest.term(exemplar: id, intent: intent, encoder: fact.encoder, vector: fact.vector)
            )
        }
        verticals[vertical].countUpsert(settings)
        verticals[vertical].classes.countChange(rows: verticals[vertical].table.count)
    }

    private mutating func apply(_ fact: ExemplarRemoved) {
        // One that is not there was removed before: the log's writer may say so twice.
        guard let place = exemplars[fact.exemplar] else { return }
        remove(fact.exemplar, at: place)
        let rows = verticals[place.vertical].table.count
        verticals[place.vertical].classes.countChange(rows: rows)
    }

    private mutating func apply(_ fact: IntentSet, at sequence: LogSequence) {
        let wasEnabled = taxonomy.id(of: fact.path, in: fact.vertical).flatMap { taxonomy[$0]?.isEnabled } ?? true
        for intent in taxonomy.set(fact, at: sequence) { digest.add(StateDigest.term(intent: intent)) }
        guard wasEnabled != fact.isEnabled, let place = verticalPlaces[fact.vertical] else { return }
        if verticals[place].intents.refresh(from: taxonomy) { verticals[place].refreshSearchable() }
    }

    private mutating func apply(_ fact: PolicySet, at sequence: LogSequence) {
        if let old = policies[fact.scope] { digest.remove(StateDigest.term(policy: old.policy, scope: fact.scope)) }
        policies[fact.scope] = fact.policy.map { ScopedPolicy(policy: $0, sequence: sequence) }
        if let policy = fact.policy { digest.add(StateDigest.term(policy: policy, scope: fact.scope)) }
    }

    /// Whether the exemplar's row has this very vector.
    private func holds(_ fact: ExemplarUpserted, at place: RowPlace, encoder: UInt16) -> Bool {
        guard verticals[place.vertical].table.encoder(of: place.row) == encoder else { return false }
        return vector(at: place).withUnsafeBytes { old in
            fact.vector.withUnsafeBytes { new in old.elementsEqual(new) }
        }
    }

    private mutating func relabel(
        _ place: RowPlace,
        of id: ExemplarID,
        to slot: UInt32,
        intent: IntentID,
        fact: ExemplarUpserted,
    ) {
        let oldIntent = verticals[place.vertical].intent(of: place.row)
        guard oldIntent != intent else { return }
        digest.remove(
            StateDigest.term(exemplar: id, intent: oldIntent, encoder: fact.encoder, vector: fact.vector)
        )
        verticals[place.vertical].relabel(place.row, slot: slot)
        digest.add(StateDigest.term(exemplar: id, intent: intent, encoder: fact.encoder, vector: fact.vector))
    }

    private mutating func remove(_ id: ExemplarID, at place: RowPlace) {
        let encoder = Int(verticals[place.vertical].table.encoder(of: place.row))
        let intent = verticals[place.vertical].intent(of: place.row)
        digest.remove(
            StateDigest.term(exemplar: id, intent: intent, encoder: encoders[encoder], vector: vector(at: place))
        )
        encoderCounts[encoder] -= 1
        verticals[place.vertical].remove(place.row)
        exemplars[id] = nil
    }

    private mutating func place(of vertical: Vertical) -> Int {
        if let place = verticalPlaces[vertical] { return place }
        verticalPlaces[vertical] = verticals.count
        verticals.append(VerticalIndex(vertical: vertical, dimension: settings.dimension))
        return verticals.count - 1
    }

    private mutating func encoderPlace(of encoder: ModelID) -> UInt16 {
        if let place = encoders.firstIndex(of: encoder) { return UInt16(place) }
        precondition(encoders.count < Int(UInt16.max), "a log names fewer encoders than that")
        encoders.append(encoder)
        encoderCounts.append(0)
        return UInt16(encoders.count - 1)
    }
}
