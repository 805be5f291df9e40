package import Core
internal import GRDB

/// What a log names at its head, all of one moment.
package struct LogNames: Sendable {
    package let head: LogHead
    package let taxonomy: Taxonomy
    package let policies: [PolicyScope: (policy: Policy, sequence: LogSequence)]
    package let keys: KeyRegister
}

extension UpdateLog {
    package var names: LogNames {
        let state = board.state
        return LogNames(
            head: LogHead(position: LogPosition(log: id, sequence: state.head), epoch: epoch, digest: state.digest),
            taxonomy: state.taxonomy,
            policies: state.policies.mapValues { ($0.policy, $0.sequence) },
            keys: state.keys,
        )
    }

    /// Where the log would begin if it were trimmed before a record: with the operation that made it.
    ///
    /// - Throws: `.outOfRange` where there is no such record yet.
    package func beginning(ifTrimmedBefore record: LogSequence) async throws(SwitchboardError) -> LogSequence {
        let state = board.state
        if record <= state.first { return state.first }
        guard record <= state.head else {
            throw SwitchboardError(.outOfRange, "record \(record) is not there yet; the log ends at \(state.head)")
        }
        let first = try await read { db in
            try Row.fetchOne(
                db,
                sql: """
                    SELECT first_seq FROM operation WHERE number = (SELECT operation FROM record WHERE seq = ?)
                    """,
                arguments: [record.stored]
            )?.sequence(0)
        }
        guard let first else { throw .damaged(at: record) }
        return max(first, state.first)
    }

    /// Lets the log begin at an operation: the records before it are deleted but for those that the live state rests on,
    /// such as the text and vector of an exemplar that lives. Ids and receipts of all operations stay.
    ///
    /// Whoever calls sees to it that there is a snapshot of the place before the new beginning or of a later one. Works
    /// in pieces on GRDB's writer queue, so that appends go on meanwhile. What a process leaves that is killed meanwhile
    /// is deleted by the next trim.
    ///
    /// - Parameter beginning: as `beginning(ifTrimmedBefore:)` gives it.
    package func trim(to beginning: LogSequence) async throws(SwitchboardError) {
        let (board, epoch, path) = (self.board, self.epoch, self.path)
        // The record before stays: it leads to the digest that a follower is compared by who begins there.
        let kept = LogSequence(max(beginning.number, 1) - 1)
        // Each has a table of its own, as another trim to another place may be under way.
        let needed = "temp.needed_\(Bits128.random())"
        board.beginTrim()
        defer { board.endTrim() }
        do {
            try await pool.writeWithoutTransaction { db in
                try db.inTransaction(.immediate) {
                    try LogWriter.checkEpoch(db, epoch, path)
                    try db.execute(
                        sql: "UPDATE log SET first = max(first, ?) WHERE id = 1",
                        arguments: [beginning.stored]
                    )
                    return .commit
                }
                board.begin(at: beginning)
                // Later operations take references away and add none to what is before the beginning.
                try db.execute(sql: "CREATE TABLE \(needed) (seq INTEGER PRIMARY KEY)")
                for source in Self.references {
                    try db.execute(
                        sql: "INSERT OR IGNORE INTO \(needed) \(source.select) AND \(source.column) < ?",
                        arguments: [kept.stored]
                    )
                }
            }
            var place = LogSequence.start
            while place < kept {
                let from = place
                place = min(kept, place.advanced(by: Self.recordsPerPiece))
                let end = place
                try await pool.writeWithoutTransaction { db in
                    try db.execute(
                        sql: """
                            DELETE FROM record WHERE seq >= ? AND seq < ?
                                AND NOT EXISTS (SELECT 1 FROM \(needed) AS needed WHERE needed.seq = record.seq)
                            """,
                        arguments: [from.stored, end.stored]
                    )
                }
            }
            try await pool.writeWithoutTransaction { db in try db.execute(sql: "DROP TABLE IF EXISTS \(needed)") }
        } catch {
            try? await pool.writeWithoutTransaction { db in try db.execute(sql: "DROP TABLE IF EXISTS \(needed)") }
            throw SwitchboardError(store: error, path: path, doing: "trim")
        }
    }

    /// A millisecond or two of the writer's time.
    private static let recordsPerPiece = 1_000

    /// Where the state names records that it rests on.
    private static let references: [(select: String, column: String)] = [
        ("SELECT seq FROM exemplar WHERE true", "seq"),
        ("SELECT vector_seq FROM exemplar WHERE vector_seq IS NOT NULL", "vector_seq"),
        ("SELECT next_seq FROM exemplar WHERE next_seq IS NOT NULL", "next_seq"),
        ("SELECT set_seq FROM intent WHERE set_seq IS NOT NULL", "set_seq"),
        ("SELECT seq FROM policy WHERE true", "seq"),
    ]
}
