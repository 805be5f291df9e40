package import Core
internal import GRDB

/// An utterance that may be explained by now.
package struct UncheckedUtterance: Sendable, Hashable {
    package let number: Int64
    /// Masked.
    package let text: UtteranceText
    package let vertical: Vertical
    package let reason: PoolReason
}

/// What was held against the index, and at which place of its log: as long as that stands nothing can have changed.
extension PoolStore {
    /// Callers' utterances that were not held against the index at this place, in the order of their numbers. What came in
    /// a file is none of them.
    ///
    /// - Parameters:
    ///   - position: of the index; nil: not known.
    ///   - number: of the last one had; 0 at first.
    package func unchecked(
        in query: PoolQuery = PoolQuery(),
        at position: LogPosition?,
        after number: Int64 = 0,
        limit: Int,
    ) async throws(SwitchboardError) -> [UncheckedUtterance] {
        let wanted = Set(query.verticals)
        return try await read { db in
            var found: [UncheckedUtterance] = []
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT number, text, vertical, reason FROM utterance
                    WHERE pool = ? AND number > ? AND role <> ? AND reason <> ?
                        AND (? IS NULL OR checked_log IS NOT ? OR checked_seq IS NOT ?)
                    ORDER BY number
                    """,
                arguments: [
                    query.pool, number, StoredRole.agent.rawValue, PoolReason.file.stored, position?.log.stored,
                    position?.log.stored, position?.sequence.stored,
                ]
            )
            while found.count < limit, let row = try rows.next() {
                let vertical = try row.vertical(2)
                guard wanted.isEmpty || wanted.contains(vertical) else { continue }
                found.append(
                    UncheckedUtterance(
                        number: try row.integer(0),
                        text: try row.value(1) { try UtteranceText(validating: try row.bytes(1)) },
                        vertical: vertical,
                        reason: try row.value(3) { PoolReason(stored: try row.integer(3)) }
                    )
                )
            }
            return found
        }
    }

    /// Forgets what the index explains, and notes where the rest was held against it.
    ///
    /// - Returns: how many left.
    package func settle(
        explained: [Int64],
        unexplained: [Int64],
        at position: LogPosition,
    ) async throws(SwitchboardError) -> Int {
        try await write { tables in
            var left = 0
            for number in explained {
                if try tables.remove(number, .explained) { left += 1 }
            }
            let statement = try tables.db.cachedStatement(
                sql: "UPDATE utterance SET checked_log = ?, checked_seq = ? WHERE number = ?"
            )
            for number in unexplained {
                try statement.execute(arguments: [position.log.stored, position.sequence.stored, number])
            }
            return left
        }
    }
}
