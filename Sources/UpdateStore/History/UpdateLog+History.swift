package import Core
internal import Foundation
internal import GRDB

/// A line of the log's history: an operation that made records.
package struct OperationEntry: Sendable, Equatable {
    package let stamp: OperationStamp
    package let first: LogSequence
    package let last: LogSequence
    /// In the order of kinds.
    package let counts: [KindCount]
    /// In alphabetical order.
    package let verticals: [Vertical]
}

/// Which lines of the log's history.
package struct HistoryQuery: Sendable, Equatable {
    /// Operations that begin before it or at it are left out.
    package var after: LogSequence
    /// Operations that end at it or after are left out; nil: none.
    package var before: LogSequence?
    /// Nil: all.
    package var vertical: Vertical?
    /// Empty: all.
    package var change: [UInt8]
    package var isNewestFirst: Bool
    package var limit: Int

    package init(
        after: LogSequence = .start,
        before: LogSequence? = nil,
        vertical: Vertical? = nil,
        change: [UInt8] = [],
        isNewestFirst: Bool = false,
        limit: Int = 1_000,
    ) {
        self.after = after
        self.before = before
        self.vertical = vertical
        self.change = change
        self.isNewestFirst = isNewestFirst
        self.limit = limit
    }
}

extension UpdateLog {
    /// The operations that made records, in order.
    ///
    /// - Parameters:
    ///   - place: those that end at it or before are left out.
    ///   - vertical: nil: all.
    package func history(
        after place: LogSequence = .start,
        vertical: Vertical? = nil,
        limit: Int = 1_000,
    ) async throws(SwitchboardError) -> [OperationEntry] {
        try await history(HistoryQuery(after: place, vertical: vertical, limit: limit))
    }

    /// A page of the operations that made records. The next one begins where this one ends: `after` its last line, or
    /// `before` its first record where the newest come first.
    ///
    /// - Throws: `.outOfRange` where `after` is before the beginning of a trimmed log; `.start` is its beginning.
    package func history(_ query: HistoryQuery) async throws(SwitchboardError) -> [OperationEntry] {
        var number: VerticalRegister.Number?
        let first = board.state.first
        guard query.after == .start || query.after >= first.previous else {
            throw SwitchboardError(.outOfRange, "the log was trimmed and begins at record \(first)")
        }
        if let vertical = query.vertical {
            guard let known = board.state.verticals.number(of: vertical) else { return [] }
            number = known
        }
        let wanted = number
        var query = query
        query.after = max(query.after, first.previous)
        let asked = query
        return try await read { db in try asked.entries(of: wanted, db) }
    }
}

extension HistoryQuery {
    fileprivate func entries(of vertical: VerticalRegister.Number?, _ db: Database) throws -> [OperationEntry] {
        var conditions = ["first_seq IS NOT NULL", "last_seq > :after"]
        var arguments: [String: (any DatabaseValueConvertible)?] = [
            "after": Int64(clamping: after.number), "limit": limit,
        ]
        if let before {
            conditions.append("last_seq < :before")
            arguments["before"] = Int64(clamping: before.number)
        }
        if let vertical {
            conditions.append("number IN (SELECT operation FROM operation_vertical WHERE vertical = :vertical)")
            arguments["vertical"] = vertical
        }
        if !change.isEmpty {
            conditions.append("change_id = :change")
            arguments["change"] = Data(change)
        }
        // Sequence numbers grow with the operations' own, by which SQLite finds its way.
        if let number = try Self.number(after: after, db) {
            conditions.append("number >= :number")
            arguments["number"] = number
        }
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT operation_id, change_id, source, author, time_us, first_seq, last_seq, number FROM operation
                WHERE \(conditions.joined(separator: " AND ")) ORDER BY number \(isNewestFirst ? "DESC" : "") LIMIT :limit
                """,
            arguments: StatementArguments(arguments)
        )
        return try rows.map { row in try OperationEntry(row, db) }
    }

    /// The number of the operation that made the first record after a place.
    private static func number(after place: LogSequence, _ db: Database) throws -> Int64? {
        try Row.fetchOne(
            db,
            sql: "SELECT operation FROM record WHERE seq > ? ORDER BY seq LIMIT 1",
            arguments: [Int64(clamping: place.number)]
        )?.integer(0)
    }
}

extension OperationEntry {
    fileprivate init(_ row: Row, _ db: Database) throws {
        stamp = OperationStamp(
            operation: [UInt8](try row.bytes(0)),
            change: [UInt8](try row.bytes(1)),
            source: String(decoding: try row.bytes(2), as: UTF8.self),
            author: String(decoding: try row.bytes(3), as: UTF8.self),
            timeMicroseconds: try row.integer(4),
        )
        first = try row.sequence(5)
        last = try row.sequence(6)
        let kinds = try Row.fetchAll(
            db.cachedStatement(
                sql: "SELECT kind, count(*) FROM record WHERE seq BETWEEN ? AND ? GROUP BY kind ORDER BY kind"
            ),
            arguments: [first.stored, last.stored]
        )
        counts = try kinds.map { row in
            let kind = try row.value(0) { UInt32(exactly: try row.integer(0)).flatMap(RecordKind.init(rawValue:)) }
            return KindCount(kind: kind, count: try row.tally(1))
        }
        let names = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT name FROM vertical WHERE EXISTS (SELECT 1 FROM operation_vertical AS touched
                    WHERE touched.vertical = vertical.number AND touched.operation = ?) ORDER BY name
                    """
            ),
            arguments: [try row.integer(7)]
        )
        verticals = try names.map { try $0.vertical(0) }
    }
}
