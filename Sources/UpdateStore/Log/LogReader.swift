internal import Core
internal import Foundation
internal import GRDB

/// Reads whole operations from the log's tables, checking every record: inside one access to the database, on the
/// thread of one of GRDB's readers.
struct LogReader {
    let db: Database
    let log: LogID

    /// What a read found.
    struct Answer {
        var operations: [CommittedOperation] = []
        /// Reading ended before a record that cannot be read, and the end of the operation before it.
        var damage: (record: LogSequence, readableTo: LogSequence)?
    }

    /// The operations that follow a place, within a limit.
    ///
    /// - Throws: `.invalidArgument` where the place is inside an operation; `.unimplemented` where the next one holds a
    ///   record that only a newer program reads; errors of SQLite.
    func operations(after place: LogSequence, limit: ReadLimit) throws -> Answer {
        var answer = Answer()
        guard
            let first = try Row.fetchOne(
                db,
                sql: "SELECT operation FROM record WHERE seq = ?",
                arguments: [place.next.stored]
            )
        else {
            answer.damage = (place.next, place)
            return answer
        }
        let entries = try Row.fetchCursor(
            db,
            sql: """
                SELECT number, first_seq, last_seq, bytes, digest FROM operation
                WHERE number >= ? AND first_seq IS NOT NULL ORDER BY number
                """,
            arguments: [first[0] as Int64]
        )
        var end = place
        var records = 0
        var bytes = 0
        while let entry = try entries.next() {
            let (first, last) = (LogSequence(stored: entry[1]), LogSequence(stored: entry[2]))
            guard first == end.next else {
                guard end == place, first < end.next else {
                    answer.damage = (end.next, end)
                    break
                }
                throw SwitchboardError.invalid(
                    "\(place) is inside an operation, which ends at \(last); the log is read in whole operations"
                )
            }
            records += Int(last.number - end.number)
            bytes += entry[3] as Int
            guard answer.operations.isEmpty || (records <= limit.records && bytes <= limit.bytes) else { break }
            let (facts, damaged): ([LogRecord], LogSequence?)
            do {
                (facts, damaged) = try self.records(from: first, through: last, operation: entry[0])
            } catch  where error is SwitchboardError && !answer.operations.isEmpty {
                // A kind that this program does not know: whoever asks for what follows hears so.
                break
            }
            if let damaged {
                answer.damage = (damaged, end)
                break
            }
            guard let digest = Bits128(stored: entry[4]) else {
                throw SwitchboardError.unreadable("the digest of an operation")
            }
            answer.operations.append(
                CommittedOperation(records: facts, digest: StateDigest(digest), bytes: entry[3])
            )
            end = last
        }
        // A record whose operation is not there.
        if answer.operations.isEmpty, answer.damage == nil { answer.damage = (place.next, place) }
        return answer
    }

    private func records(
        from first: LogSequence,
        through last: LogSequence,
        operation: Int64,
    ) throws -> (records: [LogRecord], damaged: LogSequence?) {
        var records: [LogRecord] = []
        var expected = first
        let statement = try db.cachedStatement(
            sql: """
                SELECT seq, operation, kind, format, checksum, payload FROM record
                WHERE seq BETWEEN ? AND ? ORDER BY seq
                """
        )
        do {
            let rows = try Row.fetchCursor(statement, arguments: [first.stored, last.stored])
            while let row = try rows.next() {
                guard row[0] == expected.stored, row[1] == operation else { return (records, expected) }
                let record = try row.withUnsafeBytes(at: 5) { payload in
                    try StoredRecord.record(
                        sequence: expected,
                        operation: operation,
                        kind: row[2],
                        format: row[3],
                        checksum: row[4],
                        payload: payload
                    )
                }
                records.append(record)
                expected = expected.next
            }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT {
            return (records, expected)
        } catch is DamagedRecord {
            return (records, expected)
        }
        return (records, expected == last.next ? nil : expected)
    }

    /// The digest after the operation that ends at a place.
    ///
    /// - Returns: nil where no operation ends there.
    func digest(at place: LogSequence) throws -> StateDigest? {
        guard place > .start else { return StateDigest() }
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT operation.digest FROM record JOIN operation ON operation.number = record.operation
                WHERE record.seq = ? AND operation.last_seq = record.seq
                """,
            arguments: [place.stored]
        )
        return try row.map { row in
            guard let digest = Bits128(stored: row[0]) else {
                throw SwitchboardError.unreadable("the digest of an operation")
            }
            return StateDigest(digest)
        }
    }

    /// The operations that made records, in order.
    func history(after place: LogSequence, vertical: VerticalRegister.Number?, limit: Int) throws -> [OperationEntry] {
        let filter =
            vertical == nil
            ? "" : "AND number IN (SELECT operation FROM operation_vertical WHERE vertical = :vertical)"
        let start = try Int64.fetchOne(
            db,
            sql: "SELECT operation FROM record WHERE seq > ? ORDER BY seq LIMIT 1",
            arguments: [place.stored]
        )
        guard let start else { return [] }
        var arguments: StatementArguments = ["start": start, "limit": limit]
        if let vertical { _ = arguments.append(contentsOf: ["vertical": vertical]) }
        return try Row.fetchAll(
            db,
            sql: """
                SELECT operation_id, change_id, source, author, time_us, first_seq, last_seq FROM operation
                WHERE number >= :start AND first_seq IS NOT NULL \(filter) ORDER BY number LIMIT :limit
                """,
            arguments: arguments
        ).map { row in
            OperationEntry(
                stamp: OperationStamp(
                    operation: [UInt8](row[0] as Data),
                    change: [UInt8](row[1] as Data),
                    source: String(decoding: row[2] as Data, as: UTF8.self),
                    author: String(decoding: row[3] as Data, as: UTF8.self),
                    timeMicroseconds: row[4],
                ),
                first: LogSequence(stored: row[5]),
                last: LogSequence(stored: row[6]),
            )
        }
    }
}
