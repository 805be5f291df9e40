internal import Core
internal import Foundation
internal import GRDB

extension LogState {
    /// The row of `log` and what follows from the tables, read inside one transaction.
    struct Loaded {
        let id: LogID
        let epoch: UInt64
        let state: LogState
        /// The least record that state needs and that cannot be read; what it says is left out of the state.
        let damaged: LogSequence?
    }

    /// Reads the state that the tables hold.
    ///
    /// - Throws: errors of SQLite, and `.dataLoss` where a row is not one of ours.
    static func load(_ db: Database) throws -> Loaded {
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT log_id, epoch, first, head, digest, encoder_id, dimensions, next_encoder_id, next_count, next_sum
                FROM log WHERE id = 1
                """
        )
        guard let row else { throw SwitchboardError.unreadable("the log's first row") }
        let id = try row.bits(0)
        var state = LogState(
            first: try row.sequence(2),
            head: try row.sequence(3),
            digest: StateDigest(try row.bits(4)),
            lastOperation: try lastOperation(db),
        )
        if let bytes = try row.bytesIfAny(5) {
            let encoder = try row.value(5) { ModelID(bytes: bytes) }
            state.encoder = EncoderShape(encoder: encoder, dimensions: try row.tally(6))
        }
        if let bytes = try row.bytesIfAny(7) {
            state.nextEncoder = try row.value(7) { ModelID(bytes: bytes) }
            state.nextVectors.count = try row.tally(8)
            state.nextVectors.terms = StateDigest(try row.bitsIfAny(9) ?? nextSum(db))
        }
        state.verticals = try loadVerticals(db)
        var damaged: LogSequence?
        func fact(at sequence: LogSequence, _ tables: LogTables) throws -> LogFact? {
            do {
                return try tables.record(at: sequence).fact
            } catch let error as DamagedRecord {
                damaged = min(damaged ?? error.sequence, error.sequence)
                return nil
            }
        }
        let tables = try LogTables(db, log: id)
        state.taxonomy = try loadTaxonomy(db, verticals: state.verticals) { try fact(at: $0, tables) }
        state.policies = try loadPolicies(db) { try fact(at: $0, tables) }
        state.keys = try LogTables.keys(db)
        // The last record is there if the last transaction is.
        let last = try Row.fetchOne(db, sql: "SELECT max(seq) FROM record")?.sequenceIfAny(0)
        if let last = last ?? (state.head > .start ? .start : nil), last != state.head {
            damaged = min(damaged ?? .max, min(last, state.head).next)
        }
        return Loaded(
            id: id,
            epoch: UInt64(bitPattern: try row.integer(1)),
            state: state,
            damaged: damaged
        )
    }

    /// Of a log in which a version that kept no sum had begun a change of encoders.
    private static func nextSum(_ db: Database) throws -> Bits128 {
        var digest = StateDigest()
        let rows = try Row.fetchCursor(db, sql: "SELECT next_term FROM exemplar WHERE next_seq IS NOT NULL")
        while let row = try rows.next() { digest.add(try row.bits(0)) }
        return digest.sum
    }

    private static func lastOperation(_ db: Database) throws -> Int64 {
        let row = try Row.fetchOne(db, sql: "SELECT max(number) FROM operation")
        let number = try row?.integerIfAny(0) ?? 0
        // There has to be one after it.
        guard (0..<Int64.max).contains(number) else { throw SwitchboardError.unreadable("the number of an operation") }
        return number
    }

    private static func loadVerticals(_ db: Database) throws -> VerticalRegister {
        let rows = try Row.fetchAll(db, sql: "SELECT number, name, exemplars FROM vertical ORDER BY number")
        let entries = try rows.enumerated().map { index, row in
            guard try row.integer(0) == Int64(index + 1) else {
                throw SwitchboardError.unreadable("the list of verticals")
            }
            return VerticalRegister.Entry(vertical: try row.vertical(1), exemplars: try row.tally(2))
        }
        return VerticalRegister(entries: entries)
    }

    private static func loadTaxonomy(
        _ db: Database,
        verticals: VerticalRegister,
        fact: (LogSequence) throws -> LogFact?,
    ) throws -> Taxonomy {
        let rows = try Row.fetchAll(db, sql: "SELECT id, vertical, path, alias_of, set_seq FROM intent")
        let intents = try rows.map { row in
            guard let vertical = verticals[try row.integer(1)]?.vertical else {
                throw SwitchboardError.unreadable("an intent's vertical")
            }
            var intent = Intent(id: try row.intent(0), vertical: vertical, path: try row.path(2))
            intent.aliasOf = try row.hasNull(atIndex: 3) ? nil : row.intent(3)
            if let sequence = try row.sequenceIfAny(4), let said = try fact(sequence) {
                guard case .intentSet(let set) = said else { throw SwitchboardError.unreadable("an intent's row") }
                intent.description = set.description
                intent.phrase = set.phrase
                intent.attributes = set.attributes
                intent.isEnabled = set.isEnabled
            }
            return intent
        }
        return Taxonomy(intents: intents)
    }

    private static func loadPolicies(
        _ db: Database,
        fact: (LogSequence) throws -> LogFact?,
    ) throws -> [PolicyScope: StandingPolicy] {
        var policies: [PolicyScope: StandingPolicy] = [:]
        for row in try Row.fetchAll(db, sql: "SELECT scope, seq FROM policy") {
            let sequence = try row.sequence(1)
            guard let said = try fact(sequence) else { continue }
            guard case .policySet(let set) = said, let policy = set.policy else {
                throw SwitchboardError.unreadable("a policy's row")
            }
            let scope = try row.value(0) { try PolicyScope(try row.text(0)) }
            policies[scope] = StandingPolicy(policy: policy, sequence: sequence)
        }
        return policies
    }
}

extension LogSequence {
    fileprivate static let max = LogSequence(UInt64.max)
}
