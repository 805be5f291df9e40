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
        guard let start = try operation(of: place.next) else {
            answer.damage = (place.next, place)
            return answer
        }
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT number, first_seq, last_seq, bytes, digest FROM operation
                WHERE number >= ? AND first_seq IS NOT NULL ORDER BY number
                """,
            arguments: [start]
        )
        var end = place
        var bytes = 0
        while let row = try rows.next() {
            let entry: Entry
            do {
                entry = try Entry(row)
            } catch is UnreadableColumn {
                answer.damage = (end.next, end)
                break
            }
            guard entry.first == end.next else {
                guard end == place, entry.first < end.next, try operation(of: place) == entry.number else {
                    answer.damage = (end.next, end)
                    break
                }
                throw SwitchboardError.invalid(
                    "\(place) is inside an operation, which ends at \(entry.last); the log is read in whole operations"
                )
            }
            bytes += entry.bytes
            let isWithinLimit = Int(entry.last.number - place.number) <= limit.records && bytes <= limit.bytes
            guard answer.operations.isEmpty || isWithinLimit else { break }
            let read: (records: [LogRecord], bytes: Int, damaged: LogSequence?)
            do {
                read = try records(of: entry)
            } catch  where error is SwitchboardError && !answer.operations.isEmpty {
                // A kind that this program does not know: whoever asks for what follows hears so.
                break
            }
            if let damaged = read.damaged {
                answer.damage = (damaged, end)
                break
            }
            answer.operations.append(
                CommittedOperation(records: read.records, digest: entry.digest, bytes: entry.bytes)
            )
            end = entry.last
        }
        // A record whose operation is not there.
        if answer.operations.isEmpty, answer.damage == nil { answer.damage = (place.next, place) }
        return answer
    }

    /// What a row of `operation` says of its records. No checksum guards it, so that what cannot be is looked for here.
    private struct Entry {
        let number: Int64
        let first: LogSequence
        let last: LogSequence
        let bytes: Int
        let digest: StateDigest

        init(_ row: Row) throws {
            number = try row.integer(0)
            first = try row.sequence(1)
            last = try row.sequence(2)
            guard first > .start, last >= first else { throw row.unreadable(2) }
            bytes = try row.tally(3)
            digest = StateDigest(try row.bits(4))
        }
    }

    /// The number of the operation that made a record.
    ///
    /// - Returns: nil where the record is missing or does not say.
    private func operation(of record: LogSequence) throws -> Int64? {
        let row = try Row.fetchOne(
            db,
            sql: "SELECT operation FROM record WHERE seq = ?",
            arguments: [record.stored]
        )
        guard let row, case .int64(let number) = row.storage(0) else { return nil }
        return number
    }

    /// The records of an operation and their bytes, or those before the first that is damaged, missing or another
    /// operation's.
    private func records(
        of entry: Entry
    ) throws -> (records: [LogRecord], bytes: Int, damaged: LogSequence?) {
        var records: [LogRecord] = []
        var bytes = 0
        var expected = entry.first
        let statement = try db.cachedStatement(
            sql: """
                SELECT seq, operation, kind, format, checksum, payload FROM record
                WHERE seq BETWEEN ? AND ? ORDER BY seq
                """
        )
        do {
            let rows = try Row.fetchCursor(statement, arguments: [entry.first.stored, entry.last.stored])
            while let row = try rows.next() {
                let (sequence, operation) = (try row.integer(0), try row.integer(1))
                guard sequence == expected.stored, operation == entry.number else { break }
                let record = try row.withUnsafeBytes(at: 5) { payload in
                    bytes += payload.count
                    return try StoredRecord.record(
                        sequence: expected,
                        operation: operation,
                        kind: try row.integer(2),
                        format: try row.integer(3),
                        checksum: try row.integer(4),
                        payload: payload
                    )
                }
                records.append(record)
                expected = expected.next
            }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT {
            return (records, bytes, expected)
        } catch is DamagedRecord {
            return (records, bytes, expected)
        } catch is UnreadableColumn {
            return (records, bytes, expected)
        }
        guard expected == entry.last.next else { return (records, bytes, expected) }
        return (records, bytes, bytes == entry.bytes ? nil : entry.first)
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
        return try row.map { row in StateDigest(try row.bits(0)) }
    }
}
