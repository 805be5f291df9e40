internal import Core

/// The log's state as its records alone make it, from the first one on.
///
/// About 100 bytes a living exemplar.
struct LogFold {
    private(set) var head = LogSequence.start
    private(set) var taxonomy = Taxonomy()
    private(set) var exemplars: [ExemplarID: Living] = [:]
    private(set) var policies: [PolicyScope: Standing] = [:]
    /// The record that said last what is known of an intent.
    private(set) var descriptions: [IntentID: LogSequence] = [:]
    private(set) var keys = KeyRegister()
    private(set) var digest = StateDigest()
    private(set) var operations = 0
    private(set) var encoder: ModelID?
    private(set) var nextEncoder: ModelID?
    /// Those that have a vector by it.
    private(set) var prepared: Set<ExemplarID> = []

    init() {}

    /// One that goes on from the end of an operation.
    init(
        at head: LogSequence,
        taxonomy: Taxonomy,
        exemplars: [ExemplarID: Living],
        policies: [PolicyScope: Standing],
        descriptions: [IntentID: LogSequence],
        keys: KeyRegister,
        digest: StateDigest,
        encoder: ModelID?,
        nextEncoder: ModelID?,
    ) {
        self.head = head
        self.taxonomy = taxonomy
        self.exemplars = exemplars
        self.policies = policies
        self.descriptions = descriptions
        self.keys = keys
        self.digest = digest
        self.encoder = encoder
        self.nextEncoder = nextEncoder
        prepared = Set(exemplars.filter { $0.value.next != nil }.keys)
    }

    /// What the ledger has to say of an exemplar.
    struct Living: Equatable {
        let first: LogSequence
        let intent: IntentID
        let sequence: LogSequence
        var vectorSequence: LogSequence?
        var term: Bits128
        var next: NextVector?
    }

    /// A scope's policy.
    struct Standing: Equatable {
        let term: Bits128
        let sequence: LogSequence
    }

    /// - Parameter vector: reads the record that set a vector, since a new label makes its term anew; nil: it cannot be
    ///   read.
    /// - Returns: what does not fit.
    mutating func apply(_ operation: CommittedOperation, vector: (LogSequence) -> VectorSet?) -> String? {
        if let fault = apply(operation.records, vector: vector) { return fault }
        return end(operation)
    }

    /// The records of one operation, whatever digest they are to have.
    mutating func apply(_ records: [LogRecord], vector: (LogSequence) -> VectorSet?) -> String? {
        for record in records {
            if let fault = apply(record, vector: vector) { return fault }
        }
        return nil
    }

    /// - Returns: what does not fit after the last record of an operation.
    mutating func end(_ operation: CommittedOperation) -> String? {
        operations += 1
        return digest == operation.digest ? nil : "the digest stored at \(head) is not that of the records up to it"
    }

    mutating func apply(_ record: LogRecord, vector: (LogSequence) -> VectorSet?) -> String? {
        guard record.sequence == head.next else { return "record \(record.sequence) follows \(head)" }
        head = record.sequence
        switch record.fact {
        case .exemplarUpserted(let fact): return apply(fact, vector: vector)
        case .exemplarRemoved(let fact):
            guard let old = exemplars.removeValue(forKey: fact.exemplar) else {
                return "record \(head) removes an exemplar that is not there"
            }
            digest.remove(old.term)
            prepared.remove(fact.exemplar)
        case .intentSet(let fact):
            add(taxonomy.set(fact, at: head))
            if let id = taxonomy.id(of: fact.path, in: fact.vertical) { descriptions[id] = head }
        case .intentRenamed(let fact): digest.apply(taxonomy.rename(fact, at: head))
        case .intentsMerged(let fact): digest.apply(taxonomy.merge(fact, at: head))
        case .intentRestored(let fact): digest.apply(taxonomy.restore(fact))
        case .policySet(let fact):
            if let old = policies[fact.scope] { digest.remove(old.term) }
            let term = fact.policy.map { StateDigest.term(policy: $0, scope: fact.scope) }
            if let term { digest.add(term) }
            policies[fact.scope] = term.map { Standing(term: $0, sequence: head) }
        case .vectorSet(let fact):
            guard let old = exemplars[fact.exemplar] else {
                return "record \(head) sets a vector of an exemplar that is not there"
            }
            if nextEncoder != fact.encoder { dropNextVectors() }
            nextEncoder = fact.encoder
            prepared.insert(fact.exemplar)
            exemplars[fact.exemplar]?.next = NextVector(
                sequence: head,
                term: StateDigest.term(of: fact, intent: old.intent)
            )
        case .keySet(let fact):
            if let old = keys.apply(fact) { digest.remove(StateDigest.term(key: old)) }
            digest.add(StateDigest.term(key: fact))
        case .modelsSwitched(let fact): return apply(fact)
        case .exemplarBlanked(let fact): apply(fact)
        // What it erased is in no record any more.
        case .purged: break
        }
        return nil
    }

    private mutating func apply(_ fact: ExemplarBlanked) {
        switch fact.kind {
        case .upserted(let path, let encoder):
            add(taxonomy.name(path, in: fact.vertical, at: head).created)
            self.encoder = encoder
        case .vectorSet(let encoder):
            if nextEncoder != encoder { dropNextVectors() }
            nextEncoder = encoder
        case .removed: break
        }
    }

    private mutating func apply(_ fact: ExemplarUpserted, vector: (LogSequence) -> VectorSet?) -> String? {
        guard let text = fact.text else { return "record \(head) has no text" }
        let id = ExemplarID(vertical: fact.vertical, text: text)
        let intent: IntentID
        if let known = fact.intent {
            intent = known
        } else {
            let named = taxonomy.name(fact.path, in: fact.vertical, at: head)
            add(named.created)
            intent = named.id
        }
        let term = StateDigest.term(exemplar: id, intent: intent, encoder: fact.encoder, vector: fact.vector)
        let old = exemplars[id]
        var next = old?.next
        if let place = next?.sequence {
            guard let set = vector(place) else { return "record \(place) is damaged or missing" }
            next?.term = StateDigest.term(of: set, intent: intent)
        }
        encoder = fact.encoder
        exemplars[id] = Living(first: old?.first ?? head, intent: intent, sequence: head, term: term, next: next)
        if let old { digest.remove(old.term) }
        digest.add(term)
        return nil
    }

    private mutating func apply(_ fact: ModelsSwitched) -> String? {
        if fact.encoder != encoder {
            guard exemplars.isEmpty || nextEncoder == fact.encoder else {
                return "record \(head) switches to an encoder of which no vector was set"
            }
            for (id, old) in exemplars {
                guard let next = old.next else {
                    return "record \(head) switches to an encoder of which an exemplar has no vector"
                }
                digest.remove(old.term)
                digest.add(next.term)
                exemplars[id]?.vectorSequence = next.sequence
                exemplars[id]?.term = next.term
            }
            encoder = fact.encoder
        }
        dropNextVectors()
        nextEncoder = nil
        return nil
    }

    private mutating func dropNextVectors() {
        for id in prepared { exemplars[id]?.next = nil }
        prepared = []
    }

    private mutating func add(_ intents: [Intent]) {
        for intent in intents { digest.add(StateDigest.term(intent: intent)) }
    }
}
