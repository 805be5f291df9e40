internal import Core

/// Works out what a batch does: a pure step from the log's state and its ledger to a plan and the state after it.
///
/// A batch is refused as a whole by throwing, and then nothing of this value is used; a single command is refused by a
/// line in the receipt. Commands see what the commands before them did.
struct OperationPlanner<Ledger: ExemplarLedger> {
    /// The state after the operation once `plan` has returned.
    var state: LogState
    private let log: LogID
    let ledger: Ledger
    private let prepared: PreparedBatch
    var refusesNewIntents: Bool { prepared.batch.refusesNewIntents }
    var plan: OperationPlan
    /// What earlier commands of the batch made of an exemplar; a nil value: removed or not there.
    var seen: [ExemplarID: LiveExemplar?] = [:]
    /// What the ledger has of next vectors holds no more.
    var hasDroppedNextVectors = false

    init(_ prepared: PreparedBatch, at timeMicroseconds: Int64, log: LogID, state: LogState, ledger: Ledger) {
        self.state = state
        self.log = log
        self.ledger = ledger
        self.prepared = prepared
        let batch = prepared.batch
        plan = OperationPlan(
            number: state.lastOperation + 1,
            stamp: OperationStamp(
                operation: batch.operation,
                change: prepared.change,
                source: batch.source,
                author: batch.author,
                timeMicroseconds: timeMicroseconds,
            ),
            receipt: AppendReceipt(
                operation: batch.operation,
                change: prepared.change,
                position: LogPosition(log: log, sequence: state.head),
            ),
        )
    }

    /// - Throws: `.failedPrecondition` where a vector is missing or of another encoder or length than the log's;
    ///   `.invalidArgument` where an intent would get too many or too large attributes; what the ledger throws.
    mutating func run() throws(SwitchboardError) -> OperationPlan {
        for (index, command) in prepared.batch.commands.enumerated() {
            switch command {
            case .upsert(let upsert):
                guard let id = prepared.exemplars[index] else {
                    preconditionFailure("a prepared batch has an exemplar id for each upsert")
                }
                try run(upsert, id: id, at: index)
            case .remove(let remove): try run(remove, at: index)
            case .setIntent(let set): try run(set, at: index)
            case .setPolicy(let set): run(set)
            case .amendPolicy(let scope, let parts):
                run(PolicySet(scope: scope, policy: parts.over(state.policies[scope]?.policy)))
            case .rename(let rename): try run(rename, at: index)
            case .merge(let merge): try run(merge, at: index)
            case .setKey(let command): try run(command)
            }
        }
        switch prepared.upkeep {
        case .setVectors(let sets): for set in sets { try run(set) }
        case .switchModels(let shape): try runSwitch(to: shape)
        case .restore(let restoration): try run(restoration)
        case nil: break
        }
        state.lastOperation = plan.number
        if let first = plan.records.first { plan.receipt.first = first.sequence }
        plan.receipt.position = LogPosition(log: log, sequence: state.head)
        plan.receipt.created = plan.created
        return plan
    }

    // MARK: - Commands

    private mutating func run(_ upsert: UpsertCommand, id: ExemplarID, at index: Int) throws(SwitchboardError) {
        try checkEncoder(of: upsert, at: index)
        let known = try exemplar(id)
        let intent = state.taxonomy.id(of: upsert.path, in: upsert.vertical)
        if let known, state.taxonomy.current(known.intent) == intent {
            // The first vector stays: it is made once, and another one differs in rounding only.
            plan.receipt.unchanged += 1
            return
        }
        if let known {
            switch prepared.batch.onConflict {
            case .relabel: break
            case .keep:
                plan.receipt.unchanged += 1
                return
            case .reject:
                // What lives has an intent.
                let path = state.taxonomy.resolved(known.intent)?.path.description ?? ""
                refuse(index, "the text has the intent '\(path)' already")
                return
            }
        }
        guard intent != nil || !refusesNewIntents else {
            refuse(index, "the intent is not known, and the batch creates none")
            return
        }
        let (vector, encoder) = try self.vector(for: upsert, known: known, at: index)
        state.encoder = state.encoder ?? EncoderShape(encoder: encoder, dimensions: vector.count)
        put(
            ExemplarUpserted(
                vertical: upsert.vertical,
                text: upsert.text,
                path: upsert.path,
                vector: vector,
                encoder: encoder,
                origin: upsert.origin,
            ),
            id: id,
            next: try nextVector(of: known),
            known: known
        )
    }

    /// Writes an exemplar's record, whether it is new or known.
    ///
    /// - Parameter next: its vector by the next encoder, where it has one.
    mutating func put(_ fact: ExemplarUpserted, id: ExemplarID, next: VectorSet?, known: LiveExemplar?) {
        let sequence = record(.exemplarUpserted(fact))
        let intent: IntentID
        if let known = fact.intent {
            intent = known
        } else {
            let named = state.taxonomy.name(fact.path, in: fact.vertical, at: sequence)
            note(created: named.created)
            intent = named.id
        }
        let number = touch(fact.vertical)
        let term = StateDigest.term(exemplar: id, intent: intent, encoder: fact.encoder, vector: fact.vector)
        if var moved = known {
            state.digest.remove(moved.term)
            if state.taxonomy.current(moved.intent) != state.taxonomy.current(intent) { plan.receipt.relabelled += 1 }
            moved.intent = intent
            moved.sequence = sequence
            moved.vectorSequence = nil
            moved.term = term
            if let old = moved.next, let next {
                let relabelled = NextVector(sequence: old.sequence, term: StateDigest.term(of: next, intent: intent))
                state.nextVectors.remove(old)
                state.nextVectors.add(relabelled)
                moved.next = relabelled
            }
            seen[id] = moved
            plan.changes.append(.moved(moved))
        } else {
            let added = LiveExemplar(
                id: id,
                vertical: number,
                first: sequence,
                intent: intent,
                sequence: sequence,
                term: term
            )
            seen[id] = added
            plan.changes.append(.added(added))
            state.verticals.count(1, in: number)
            plan.receipt.added += 1
        }
        state.digest.add(term)
    }

    func nextVector(of known: LiveExemplar?) throws(SwitchboardError) -> VectorSet? {
        guard let next = known?.next else { return nil }
        return try ledger.vector(at: next.sequence)
    }

    private mutating func run(_ remove: RemoveCommand, at index: Int) throws(SwitchboardError) {
        guard let known = try exemplar(remove.exemplar), known.vertical == state.verticals.number(of: remove.vertical)
        else {
            refuse(index, "the vertical has no such exemplar")
            return
        }
        takeAway(known, in: remove.vertical)
    }

    mutating func takeAway(_ known: LiveExemplar, in vertical: Vertical) {
        record(.exemplarRemoved(ExemplarRemoved(vertical: vertical, exemplar: known.id)))
        touch(vertical)
        seen[known.id] = .some(nil)
        plan.changes.append(.removed(known))
        state.verticals.count(-1, in: known.vertical)
        state.digest.remove(known.term)
        if let next = known.next { state.nextVectors.remove(next) }
        plan.receipt.removed += 1
    }

    private mutating func run(_ set: SetIntentCommand, at index: Int) throws(SwitchboardError) {
        let known = state.taxonomy.id(of: set.path, in: set.vertical).flatMap { state.taxonomy[$0] }
        guard known != nil || !refusesNewIntents else {
            refuse(index, "the intent is not known, and the batch creates none")
            return
        }
        var attributes = known?.attributes ?? [:]
        for (key, value) in set.attributes { attributes[key] = value.isEmpty ? nil : value }
        guard attributes.count <= ContentLimits.attributes else {
            throw .invalid(
                "command \(index): the intent would have \(attributes.count) attributes; "
                    + "at most \(ContentLimits.attributes) are accepted"
            )
        }
        let bytes = ContentLimits.bytes(of: attributes)
        // A log from before may have more, which may become less.
        guard bytes <= max(ContentLimits.attributesBytes, ContentLimits.bytes(of: known?.attributes ?? [:])) else {
            throw .invalid(
                "command \(index): the intent's attributes would have \(bytes) bytes together; "
                    + "at most \(ContentLimits.attributesBytes) are accepted"
            )
        }
        let fact = IntentSet(
            vertical: set.vertical,
            path: set.path,
            description: Self.merged(set.description, over: known?.description),
            phrase: Self.merged(set.phrase, over: known?.phrase),
            attributes: attributes,
            isEnabled: set.isEnabled ?? known?.isEnabled ?? true,
        )
        if let known, known.isDescribed(by: fact) {
            plan.receipt.unchanged += 1
            return
        }
        describe(fact)
    }

    mutating func describe(_ fact: IntentSet) {
        let sequence = record(.intentSet(fact))
        note(created: state.taxonomy.set(fact, at: sequence))
        guard let id = state.taxonomy.id(of: fact.path, in: fact.vertical) else {
            preconditionFailure("an intent that has just been set has an id")
        }
        plan.described[id] = sequence
        touch(fact.vertical)
    }

    mutating func run(_ set: PolicySet) {
        let known = state.policies[set.scope]
        guard known?.policy != set.policy else {
            plan.receipt.unchanged += 1
            return
        }
        let sequence = record(.policySet(set))
        if let known { state.digest.remove(StateDigest.term(policy: known.policy, scope: set.scope)) }
        if let policy = set.policy { state.digest.add(StateDigest.term(policy: policy, scope: set.scope)) }
        state.policies[set.scope] = set.policy.map { LogState.StandingPolicy(policy: $0, sequence: sequence) }
        plan.policies[set.scope] = .some(set.policy == nil ? nil : sequence)
        if case .vertical(let vertical) = set.scope { touch(vertical) }
    }

    // MARK: - Parts

    /// Appends a record at the next sequence number.
    @discardableResult
    mutating func record(_ fact: LogFact) -> LogSequence {
        let sequence = state.head.next
        state.head = sequence
        plan.records.append(LogRecord(sequence: sequence, stamp: plan.stamp, fact: fact))
        return sequence
    }

    @discardableResult
    mutating func touch(_ vertical: Vertical) -> VerticalRegister.Number {
        let number = state.verticals.register(vertical)
        plan.verticals.insert(number)
        return number
    }

    mutating func note(created: [Intent]) {
        for intent in created { state.digest.add(StateDigest.term(intent: intent)) }
        plan.created += created
    }

    mutating func refuse(_ index: Int, _ reason: String) {
        plan.receipt.refusals.append(Refusal(command: index, reason: reason))
    }

    func exemplar(_ id: ExemplarID) throws(SwitchboardError) -> LiveExemplar? {
        if let known = seen[id] { return known }
        let known = try ledger.exemplar(id)
        // The receipt has the log's end before this operation, which nothing in the ledger is beyond.
        if let known, known.newest > plan.receipt.position.sequence { throw .unreadable("an exemplar's row") }
        guard hasDroppedNextVectors, var kept = known else { return known }
        kept.next = nil
        return kept
    }

    private func checkEncoder(of upsert: UpsertCommand, at index: Int) throws(SwitchboardError) {
        guard !upsert.vector.isEmpty, let encoder = upsert.encoder, let shape = state.encoder else { return }
        guard encoder == shape.encoder else {
            throw SwitchboardError(
                .failedPrecondition,
                "command \(index): the vector was made by encoder \(encoder), this log's exemplars by "
                    + "\(shape.encoder); encode with the latter, or leave the vector to the node",
                field: "encoder_id",
            )
        }
        guard upsert.vector.count == shape.dimensions else {
            throw SwitchboardError(
                .failedPrecondition,
                "command \(index): the vector of encoder \(encoder) has \(upsert.vector.count) figures, this log's "
                    + "exemplars, of encoder \(shape.encoder), have \(shape.dimensions)",
                field: "vector",
            )
        }
    }

    /// The command's own vector, or the one the log has of the exemplar.
    private func vector(
        for upsert: UpsertCommand,
        known: LiveExemplar?,
        at index: Int,
    ) throws(SwitchboardError) -> ([Float], ModelID) {
        if !upsert.vector.isEmpty, let encoder = upsert.encoder { return (upsert.vector, encoder) }
        guard let known else {
            throw SwitchboardError(
                .failedPrecondition,
                "command \(index): a new exemplar needs its vector; encode before appending"
            )
        }
        if let first = plan.records.first?.sequence, known.sequence >= first {
            let planned = plan.records[Int(known.sequence.number - first.number)]
            guard case .exemplarUpserted(let fact) = planned.fact else {
                preconditionFailure("an exemplar points to the record that upserted it")
            }
            return (fact.vector, fact.encoder)
        }
        let fact = try ledger.upsert(at: known.sequence)
        guard fact.vertical == upsert.vertical, fact.text == upsert.text else {
            throw .unreadable("an exemplar's row")
        }
        guard let place = known.vectorSequence else { return (fact.vector, fact.encoder) }
        let set = try ledger.vector(at: place)
        guard set.exemplar == known.id else { throw .unreadable("an exemplar's row") }
        return (set.vector, set.encoder)
    }

    /// An empty text takes away what was known.
    private static func merged(_ new: String?, over known: String?) -> String? {
        guard let new else { return known }
        return new.isEmpty ? nil : new
    }
}

extension Intent {
    func isDescribed(by fact: IntentSet) -> Bool {
        description == fact.description && phrase == fact.phrase && attributes == fact.attributes
            && isEnabled == fact.isEnabled
    }
}
