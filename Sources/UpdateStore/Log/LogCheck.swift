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
        let row = try Row.fetchOne(db, sql: "SELECT head, first FROM log WHERE id = 1")
        let head = try row?.sequence(0) ?? .start
        let reader = LogReader(db: db, log: log)
        let tables = try LogTables(db, log: log)
        if let first = try row?.sequence(1), first > LogSequence(1) {
            self = try TrimmedLogCheck(db, reader, tables).run(from: first, to: head)
            return
        }
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

extension LogFold {
    func result(_ fault: String?) -> LogCheck {
        LogCheck(operations: operations, records: Int(head.number), exemplars: exemplars.count, fault: fault)
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
        var next = VectorTally()
        for id in prepared { if let vector = exemplars[id]?.next { next.add(vector) } }
        guard state.nextVectors == next else {
            return "the log's first row sums up other next vectors than the records have"
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
}
