package import Core
internal import GRDB

/// What a check of the whole log found.
package struct LogCheck: Sendable, Equatable {
    package let operations: Int
    package let records: Int
    package let exemplars: Int
    /// What is wrong, each in a sentence; reading ended at the first.
    package let fault: String?

    package var isWhole: Bool { fault == nil }
}

extension UpdateLog {
    /// Reads all there is and works the state out anew: checksums, gaps, the digest after each operation, and whether
    /// the ledger of living exemplars says what the records say.
    ///
    /// It takes the time of reading the file, and about 100 bytes of memory a living exemplar. It reads one moment of
    /// the log; appends go on.
    ///
    /// - Throws: `.dataLoss` where SQLite's pages or a table's row cannot be read at all.
    package func check() async throws(SwitchboardError) -> LogCheck {
        let id = self.id
        return try await read { db in try LogCheck(db, log: id) }
    }
}

extension LogCheck {
    init(_ db: Database, log: LogID) throws {
        var fold = LogFold()
        let row = try Row.fetchOne(db, sql: "SELECT head FROM log WHERE id = 1")
        let head = try row?.sequence(0) ?? .start
        let reader = LogReader(db: db, log: log)
        let tables = try LogTables(db, log: log)
        while fold.head < head {
            let answer = try reader.operations(after: fold.head, limit: ReadLimit())
            for operation in answer.operations {
                if let fault = fold.apply(operation, vector: { try? tables.vector(at: $0) }) {
                    self = fold.result(fault)
                    return
                }
            }
            if let damage = answer.damage {
                self = fold.result("record \(damage.record) is damaged or missing")
                return
            }
        }
        self = fold.result(try fold.difference(from: db))
    }
}

/// The log's state as its records alone make it.
private struct LogFold {
    private(set) var head = LogSequence.start
    private var taxonomy = Taxonomy()
    private var exemplars: [ExemplarID: Living] = [:]
    private var policies: [PolicyScope: Bits128] = [:]
    private var keys = KeyRegister()
    private var digest = StateDigest()
    private var operations = 0
    private var encoder: ModelID?
    private var nextEncoder: ModelID?
    /// Those that have a vector by it.
    private var prepared: Set<ExemplarID> = []

    /// What the ledger has to say of an exemplar.
    private struct Living: Equatable {
        let first: LogSequence
        let intent: IntentID
        let sequence: LogSequence
        var vectorSequence: LogSequence?
        var term: Bits128
        var next: NextVector?
    }

    func result(_ fault: String?) -> LogCheck {
        LogCheck(operations: operations, records: Int(head.number), exemplars: exemplars.count, fault: fault)
    }

    /// - Parameter vector: reads the record that set a vector, since a new label makes its term anew; nil: it cannot be
    ///   read.
    /// - Returns: what does not fit.
    mutating func apply(_ operation: CommittedOperation, vector: (LogSequence) -> VectorSet?) -> String? {
        for record in operation.records {
            guard record.sequence == head.next else { return "record \(record.sequence) follows \(head)" }
            head = record.sequence
            switch record.fact {
            case .exemplarUpserted(let fact):
                guard let text = fact.text else { return "record \(head) has no text" }
                let id = ExemplarID(vertical: fact.vertical, text: text)
                let named = taxonomy.name(fact.path, in: fact.vertical, at: head)
                add(named.created)
                let term = StateDigest.term(
                    exemplar: id,
                    intent: named.id,
                    encoder: fact.encoder,
                    vector: fact.vector
                )
                let old = exemplars[id]
                var next = old?.next
                if let place = next?.sequence {
                    guard let set = vector(place) else { return "record \(place) is damaged or missing" }
                    next?.term = StateDigest.term(of: set, intent: named.id)
                }
                encoder = fact.encoder
                exemplars[id] = Living(
                    first: old?.first ?? head,
                    intent: named.id,
                    sequence: head,
                    term: term,
                    next: next
                )
                if let old { digest.remove(old.term) }
                digest.add(term)
            case .exemplarRemoved(let fact):
                guard let old = exemplars.removeValue(forKey: fact.exemplar) else {
                    return "record \(head) removes an exemplar that is not there"
                }
                digest.remove(old.term)
                prepared.remove(fact.exemplar)
            case .intentSet(let fact):
                add(taxonomy.set(fact, at: head))
            case .policySet(let fact):
                if let old = policies[fact.scope] { digest.remove(old) }
                let term = fact.policy.map { StateDigest.term(policy: $0, scope: fact.scope) }
                if let term { digest.add(term) }
                policies[fact.scope] = term
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
            case .modelsSwitched(let fact):
                if let fault = apply(fact) { return fault }
            }
        }
        operations += 1
        return digest == operation.digest ? nil : "the digest stored at \(head) is not that of the records up to it"
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

    /// - Returns: what the tables say otherwise than the records.
    func difference(from db: Database) throws -> String? {
        let loaded = try LogState.load(db)
        if let damaged = loaded.damaged { return "record \(damaged) is damaged or missing" }
        let state = loaded.state
        guard state.digest == digest else { return "the digest at the head is not that of the records" }
        guard state.taxonomy.all == taxonomy.all else { return "the table of intents is not what the records say" }
        guard state.keys == keys else { return "the table of keys is not what the records say" }
        guard state.encoder?.encoder == encoder, state.nextEncoder == nextEncoder else {
            return "the encoders that the log's first row names are not those of the records"
        }
        let counted = state.exemplarCount
        guard counted == exemplars.count else { return "the verticals' counts add up to \(counted) exemplars" }
        let rows = try Row.fetchCursor(
            db,
            sql: "SELECT id, first_seq, intent, seq, term, vector_seq, next_seq, next_term FROM exemplar"
        )
        var seen = 0
        while let row = try rows.next() {
            seen += 1
            let living = Living(
                first: try row.sequence(1),
                intent: try row.intent(2),
                sequence: try row.sequence(3),
                vectorSequence: try row.sequenceIfAny(5),
                term: try row.bits(4),
                next: try row.nextVectorIfAny(6)
            )
            guard exemplars[ExemplarID(try row.bits(0))] == living else {
                return "the ledger's exemplar of record \(living.sequence) is not what the records say"
            }
        }
        return seen == exemplars.count ? nil : "the ledger has \(seen) exemplars, the records make \(exemplars.count)"
    }

    private mutating func add(_ intents: [Intent]) {
        for intent in intents { digest.add(StateDigest.term(intent: intent)) }
    }
}
