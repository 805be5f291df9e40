package import Core
internal import GRDB

extension FeedbackStore {
    /// Something was erased, and the file has not been written anew since.
    package var hasTraces: Bool { StoreFile.hasTraces(path) }

    /// How many words a rule names. Reads all of them.
    package func count(of rule: PurgeRule) async throws(SwitchboardError) -> Int {
        do {
            return try await pool.read { db in try Self.words(of: rule, db).count }
        } catch {
            throw SwitchboardError(store: error, path: path, doing: "read")
        }
    }

    /// Erases the words that a rule names, and writes the file anew without them. Words that come meanwhile wait.
    ///
    /// - Returns: how many there were.
    /// - Throws: as `UpdateLog.purge`.
    package func purge(_ rule: PurgeRule) async throws(SwitchboardError) -> Int {
        let count: Int
        do {
            count = try await StoreFile.blocking { [pool, path] in
                try StoreFile.erasing(from: path) {
                    try pool.writeWithoutTransaction { db in
                        var count = 0
                        try db.inTransaction(.immediate) {
                            count = try Self.delete(rule, db)
                            return .commit
                        }
                        return count
                    }
                }
            }
        } catch {
            throw SwitchboardError(store: error, path: path, doing: "erase from")
        }
        do {
            try await StoreFile.blocking { [pool, path] in try StoreFile.finishErasing(pool, path: path) }
        } catch {
            throw SwitchboardError.notRewritten(path, cause: error)
        }
        return count
    }

    private static func delete(_ rule: PurgeRule, _ db: Database) throws -> Int {
        let words = try Self.words(of: rule, db)
        for word in words {
            try db.cachedStatement(sql: "DELETE FROM feedback WHERE number = ?").execute(arguments: [word.number])
            try count(-1, vertical: word.vertical, word.source, verdict: word.verdict, db)
        }
        return words.count
    }

    private struct Word {
        let number: Int64
        let vertical: String
        let source: FeedbackSource
        let verdict: Int
    }

    private static func words(of rule: PurgeRule, _ db: Database) throws -> [Word] {
        var words: [Word] = []
        let rows = try Row.fetchCursor(
            db,
            sql: "SELECT number, vertical, source, verdict, text, origin FROM feedback ORDER BY number"
        )
        while let row = try rows.next() {
            let vertical = try row.vertical(1)
            let text = try row.value(4) { try UtteranceText(validating: try row.bytes(4)) }
            let id = ExemplarID(vertical: vertical, text: text)
            guard rule.matches(id, origin: [UInt8](try row.bytes(5)), vertical: vertical) else { continue }
            words.append(
                Word(
                    number: try row.integer(0),
                    vertical: vertical.name,
                    source: try row.value(2) { FeedbackSource(stored: Int(try row.integer(2))) },
                    verdict: Int(try row.integer(3))
                )
            )
        }
        return words
    }
}
