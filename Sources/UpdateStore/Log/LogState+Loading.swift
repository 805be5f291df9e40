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
        guard let row = try Row.fetchOne(db, sql: "SELECT * FROM log WHERE id = 1"),
            let id = LogID(stored: row["log_id"]), let digest = Bits128(stored: row["digest"])
        else { throw SwitchboardError.unreadable("the log's first row") }
        var state = LogState(
            first: LogSequence(stored: row["first"]),
            head: LogSequence(stored: row["head"]),
            digest: StateDigest(digest),
            lastOperation: try Int64.fetchOne(db, sql: "SELECT max(number) FROM operation") ?? 0,
        )
        if let bytes: Data = row["encoder_id"], let dimensions: Int = row["dimensions"] {
            guard let encoder = ModelID(bytes: bytes) else { throw SwitchboardError.unreadable("the encoder's id") }
            state.encoder = EncoderShape(encoder: encoder, dimensions: dimensions)
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
        // The last record is there if the last transaction is.
        let last = try Int64.fetchOne(db, sql: "SELECT max(seq) FROM record").map(LogSequence.init(stored:))
        if let last = last ?? (state.head > .start ? .start : nil), last != state.head {
            damaged = min(damaged ?? .max, min(last, state.head).next)
        }
        let epoch: Int64 = row["epoch"]
        return Loaded(id: id, epoch: UInt64(bitPattern: epoch), state: state, damaged: damaged)
    }

    private static func loadVerticals(_ db: Database) throws -> VerticalRegister {
        let rows = try Row.fetchAll(db, sql: "SELECT number, name, exemplars FROM vertical ORDER BY number")
        let entries = try rows.enumerated().map { index, row in
            guard row["number"] == Int64(index + 1) else { throw SwitchboardError.unreadable("the list of verticals") }
            return VerticalRegister.Entry(vertical: try Vertical(row["name"]), exemplars: row["exemplars"])
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
            guard let vertical = verticals[row["vertical"]]?.vertical else {
                throw SwitchboardError.unreadable("an intent's vertical")
            }
            let path: Data = row["path"]
            var intent = Intent(
                id: IntentID(stored: row["id"]),
                vertical: vertical,
                path: try IntentPath(validating: path)
            )
            let alias: Int64? = row["alias_of"]
            intent.aliasOf = alias.map(IntentID.init(stored:))
            if let sequence: Int64 = row["set_seq"],
                case .intentSet(let set) = try fact(LogSequence(stored: sequence))
            {
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
            let sequence = LogSequence(stored: row["seq"])
            guard case .policySet(let set) = try fact(sequence), let policy = set.policy else { continue }
            policies[try PolicyScope(row["scope"])] = StandingPolicy(policy: policy, sequence: sequence)
        }
        return policies
    }
}

extension LogSequence {
    fileprivate static let max = LogSequence(UInt64.max)
}
