internal import Core
internal import GRDB

/// The check of a log that was trimmed: what its state was made from is gone, so each record that is left is held
/// against its checksum, and the live things against the digest at the head.
struct TrimmedLogCheck {
    private let db: Database
    private let reader: LogReader
    private let tables: LogTables

    init(_ db: Database, _ reader: LogReader, _ tables: LogTables) {
        self.db = db
        self.reader = reader
        self.tables = tables
    }

    func run(from first: LogSequence, to head: LogSequence) throws -> LogCheck {
        var operations = 0
        var end = first.previous
        func result(_ fault: String?, exemplars: Int = 0) -> LogCheck {
            let records = Int(end.number) - Int(first.number) + 1
            return LogCheck(operations: operations, records: records, exemplars: exemplars, fault: fault)
        }
        while end < head {
            let answer = try reader.operations(after: end, limit: ReadLimit())
            operations += answer.operations.count
            if let last = answer.operations.last { end = last.last }
            if let damage = answer.damage { return result("record \(damage.record) is damaged or missing") }
        }
        let loaded = try LogState.load(db)
        if let damaged = loaded.damaged { return result("record \(damaged) is damaged or missing") }
        var digest = loaded.state.namesDigest
        var exemplars = 0
        let rows = try Row.fetchCursor(db, sql: "SELECT id, intent, seq, term, vector_seq FROM exemplar")
        while let row = try rows.next() {
            let id = ExemplarID(try row.bits(0))
            let term: Bits128
            do {
                let intent = try row.intent(1)
                if let sequence = try row.sequenceIfAny(4) {
                    term = StateDigest.term(of: try tables.vector(at: sequence), intent: intent)
                } else {
                    let fact = try tables.upsert(at: try row.sequence(2))
                    term = StateDigest.term(exemplar: id, intent: intent, encoder: fact.encoder, vector: fact.vector)
                }
            } catch let error as SwitchboardError where error.code == .dataLoss {
                return result(error.message, exemplars: exemplars)
            }
            guard try row.bits(3) == term else {
                return result("the ledger's exemplar of record \(try row.sequence(2)) is not what that says")
            }
            digest.add(term)
            exemplars += 1
        }
        guard exemplars == loaded.state.exemplarCount else {
            return result("the verticals' counts add up to \(loaded.state.exemplarCount) exemplars")
        }
        let fault = digest == loaded.state.digest ? nil : "the digest at the head is not that of what lives"
        return result(fault, exemplars: exemplars)
    }
}
