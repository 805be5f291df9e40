internal import Core
internal import Foundation
internal import GRDB
internal import Wire

/// The log's tables inside one access to the database: the statements, prepared once.
///
/// Lives as long as the access and stays on its thread (GRDB's writer queue, or one of its readers' for what only
/// reads).
struct LogTables {
    let db: Database
    let log: LogID
    private let exemplarByID: Statement
    private let recordBySequence: Statement

    init(_ db: Database, log: LogID) throws {
        self.db = db
        self.log = log
        exemplarByID = try db.cachedStatement(
            sql: """
                SELECT first_seq, vertical, intent, seq, term, vector_seq, next_seq, next_term FROM exemplar WHERE id = ?
                """
        )
        recordBySequence = try db.cachedStatement(
            sql: "SELECT operation, kind, format, checksum, payload FROM record WHERE seq = ?"
        )
    }

    /// The record at a place.
    ///
    /// - Throws: `DamagedRecord` where it is missing or not what was written.
    func record(at sequence: LogSequence) throws -> LogRecord {
        let rows = try Row.fetchCursor(recordBySequence, arguments: [sequence.stored])
        guard let row = try rows.next() else { throw DamagedRecord(sequence: sequence) }
        do {
            return try row.withUnsafeBytes(at: 4) { payload in
                try StoredRecord.record(
                    sequence: sequence,
                    operation: try row.integer(0),
                    kind: try row.integer(1),
                    format: try row.integer(2),
                    checksum: try row.integer(3),
                    payload: payload
                )
            }
        } catch is UnreadableColumn {
            throw DamagedRecord(sequence: sequence)
        }
    }

    /// As the intent is named that an id stands for: itself, or what it became by merges.
    func path(of intent: IntentID) throws -> IntentPath {
        let statement = try db.cachedStatement(sql: "SELECT path, alias_of FROM intent WHERE id = ?")
        var id = intent
        var seen: Set<IntentID> = []
        while seen.insert(id).inserted {
            guard let row = try Row.fetchOne(statement, arguments: [id.stored]) else { break }
            if row.hasNull(atIndex: 1) { return try row.path(0) }
            id = try row.intent(1)
        }
        throw SwitchboardError.unreadable("the intent of an exemplar")
    }

    /// The operation of that id, if there was one: its content hash and its receipt.
    func operation(_ id: [UInt8]) throws -> (content: [UInt8], receipt: AppendReceipt)? {
        let statement = try db.cachedStatement(sql: "SELECT content, receipt FROM operation WHERE operation_id = ?")
        guard let row = try Row.fetchOne(statement, arguments: [Data(id)]) else { return nil }
        let reply = try row.value(1) { try AppendReply(decoding: [UInt8](try row.bytes(1))) }
        return ([UInt8](try row.bytes(0)), reply.receipt)
    }

    /// - Throws: `.alreadyExists` where the batch may join changes of its own author only, and another one began its change.
    func checkBeginner(of prepared: PreparedBatch) throws {
        guard prepared.joinsOwnOnly else { return }
        let statement = try db.cachedStatement(
            sql: "SELECT author FROM operation WHERE change_id = ? ORDER BY number LIMIT 1"
        )
        guard let row = try Row.fetchOne(statement, arguments: [Data(prepared.change)]),
            [UInt8](try row.bytes(0)) != Array(prepared.batch.author.utf8)
        else { return }
        throw SwitchboardError(
            .alreadyExists,
            "the change id belongs to a change that somebody else began; choose another one",
            field: "change_id"
        )
    }
}

/// A committed record that is missing or does not match its checksum.
struct DamagedRecord: Error {
    let sequence: LogSequence
}

extension LogTables: ExemplarLedger {
    func exemplar(_ id: ExemplarID) throws(SwitchboardError) -> LiveExemplar? {
        do {
            guard let row = try Row.fetchOne(exemplarByID, arguments: [id.bits.stored]) else { return nil }
            return LiveExemplar(
                id: id,
                vertical: try row.integer(1),
                first: try row.sequence(0),
                intent: try row.intent(2),
                sequence: try row.sequence(3),
                vectorSequence: try row.sequenceIfAny(5),
                term: try row.bits(4),
                next: try row.nextVectorIfAny(6),
            )
        } catch {
            throw SwitchboardError(store: error, path: "log.sqlite", doing: "read")
        }
    }

    func upsert(at sequence: LogSequence) throws(SwitchboardError) -> ExemplarUpserted {
        try fact(at: sequence) { fact in
            guard case .exemplarUpserted(let upsert) = fact else { return nil }
            return upsert
        }
    }

    func vector(at sequence: LogSequence) throws(SwitchboardError) -> VectorSet {
        try fact(at: sequence) { fact in
            guard case .vectorSet(let vector) = fact else { return nil }
            return vector
        }
    }

    func description(at sequence: LogSequence) throws(SwitchboardError) -> IntentSet {
        try fact(at: sequence) { fact in
            guard case .intentSet(let set) = fact else { return nil }
            return set
        }
    }

    func policy(at sequence: LogSequence) throws(SwitchboardError) -> PolicySet {
        try fact(at: sequence) { fact in
            guard case .policySet(let set) = fact else { return nil }
            return set
        }
    }

    /// What a record says, where it is of the kind that it has to be.
    ///
    /// - Parameter kind: nil for a fact of another kind.
    private func fact<Fact>(
        at sequence: LogSequence,
        _ kind: (LogFact) -> Fact?,
    ) throws(SwitchboardError) -> Fact {
        do {
            guard let fact = kind(try record(at: sequence).fact) else { throw DamagedRecord(sequence: sequence) }
            return fact
        } catch let error as DamagedRecord {
            throw .damaged(at: error.sequence)
        } catch {
            throw SwitchboardError(store: error, path: "log.sqlite", doing: "read")
        }
    }
}

// Which exemplars have a vector by the next encoder.
extension LogTables {
    /// Those that have none of an encoder, in the order in which they became live.
    func exemplars(without encoder: ModelID, after place: LogSequence, limit: Int) throws -> [UnencodedExemplar] {
        let filter = try isNext(encoder) ? "AND next_seq IS NULL" : ""
        let rows = try Row.fetchAll(
            db,
            sql: "SELECT first_seq, id, seq FROM exemplar WHERE first_seq > ? \(filter) ORDER BY first_seq LIMIT ?",
            arguments: [place.stored, limit]
        )
        return try rows.map { row in
            let id = ExemplarID(try row.bits(1))
            let fact = try upsert(at: try row.sequence(2))
            guard let text = fact.text, ExemplarID(vertical: fact.vertical, text: text) == id else {
                throw SwitchboardError.unreadable("an exemplar's row")
            }
            return UnencodedExemplar(id: id, vertical: fact.vertical, text: text, first: try row.sequence(0))
        }
    }

    func count(with encoder: ModelID) throws -> Int {
        guard try isNext(encoder) else { return 0 }
        return try Row.fetchOne(db, sql: "SELECT next_count FROM log WHERE id = 1")?.tally(0) ?? 0
    }

    private func isNext(_ encoder: ModelID) throws -> Bool {
        let row = try Row.fetchOne(db, sql: "SELECT next_encoder_id FROM log WHERE id = 1")
        guard let bytes = try row?.bytesIfAny(0) else { return false }
        return ModelID(bytes: bytes) == encoder
    }
}

extension SwitchboardError {
    static func damaged(at sequence: LogSequence) -> SwitchboardError {
        SwitchboardError(
            .dataLoss,
            "record \(sequence) of the log is damaged; the log can be read up to the operation before it and takes no "
                + "appends. Run `switchboard doctor`, and restore a backup or copy the log from a replica",
            cause: DamagedRecord(sequence: sequence),
        )
    }
}
