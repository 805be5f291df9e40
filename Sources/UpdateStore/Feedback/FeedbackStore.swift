package import Core
internal import Foundation
internal import GRDB
internal import Synchronization

/// What callers, agents and analysts said about answers: the latest word of each source on each reply.
///
/// A word that was taken is on disk; words that come together share an fsync. Writes run on GRDB's writer queue, reads
/// on its readers' queues (Dispatch's threads). It does not mask texts and forgets nothing by itself.
package final class FeedbackStore: Sendable {
    let pool: DatabasePool
    let path: String
    /// Held for its lock; let go by `close`.
    private let directory: Mutex<DataDirectory?>
    private let writer: GroupWriter<Feedback, Bool>

    /// Opens the store of a data directory, making it if it is not there. Blocks for some milliseconds.
    ///
    /// - Throws: as `UpdateLog.init`.
    package init(
        in directory: DataDirectory,
        now: @escaping @Sendable () -> Int64 = UpdateLog.systemTime,
    ) throws(SwitchboardError) {
        self.directory = Mutex(directory)
        let path = directory.feedbackPath
        self.path = path
        pool = try StoreFile.open(path, schema: .feedback)
        writer = GroupWriter(pool: pool) { group, db in Self.commit(group, db, path: path, now: now) }
    }

    /// Takes a word.
    ///
    /// - Returns: when it is on disk: whether it replaced an earlier word of the same source on the same reply.
    /// - Throws: `.resourceExhausted` where too much is waiting or the disk is full; `.unavailable`,
    ///   `.failedPrecondition` and `.dataLoss` as the disk answers; `.cancelled`.
    package func add(_ feedback: Feedback) async throws(SwitchboardError) -> Bool {
        try await writer.write(feedback, bytes: feedback.text.value.utf8.count + 512)
    }

    /// How much there is.
    ///
    /// - Parameter vertical: nil: of all.
    package func counts(of vertical: Vertical? = nil) async throws(SwitchboardError) -> FeedbackCounts {
        try await read { db in try FeedbackCounts(db, of: vertical) }
    }

    /// The words in the order in which they came in.
    ///
    /// - Parameter number: `StoredFeedback.number` of the last one had; 0 at first.
    package func list(after number: UInt64 = 0, limit: Int = 500) async throws(SwitchboardError) -> [StoredFeedback] {
        // SQLite numbers no row beyond this.
        guard let number = Int64(exactly: number) else { return [] }
        return try await read { db in
            try Row.fetchAll(
                db,
                sql: "SELECT \(StoredFeedback.columns) FROM feedback WHERE number > ? ORDER BY number LIMIT ?",
                arguments: [number, limit]
            ).map { try StoredFeedback($0) }
        }
    }

    /// Bytes of the file and what SQLite keeps beside it.
    package func storedBytes() -> Int { StoreFile.bytes(at: path) }

    /// Answers what waits, refuses what comes, closes the file and lets go of the folder.
    package func close() async throws(SwitchboardError) {
        await writer.close()
        try await StoreFile.close(pool, path: path)
        directory.withLock { $0 = nil }
    }

    /// One transaction, on GRDB's writer queue.
    private static func commit(
        _ group: [Feedback],
        _ db: Database,
        path: String,
        now: () -> Int64,
    ) -> [Result<Bool, SwitchboardError>] {
        do {
            var replaced: [Bool] = []
            try db.inTransaction(.immediate) {
                for feedback in group { replaced.append(try write(feedback, db, at: now())) }
                return .commit
            }
            return replaced.map { .success($0) }
        } catch {
            let failure = SwitchboardError(store: error, path: path, doing: "add to")
            return group.map { _ in .failure(failure) }
        }
    }

    private static func write(_ feedback: Feedback, _ db: Database, at time: Int64) throws -> Bool {
        let earlier = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT number, vertical, verdict FROM feedback WHERE reply_id = ? AND source = ?"),
            arguments: [feedback.replyID.stored, feedback.source.stored]
        )
        if let earlier {
            let (vertical, verdict) = (try earlier.text(1), Int(try earlier.integer(2)))
            try db.cachedStatement(sql: "DELETE FROM feedback WHERE number = ?")
                .execute(arguments: [try earlier.integer(0)])
            try count(-1, vertical: vertical, feedback.source, verdict: verdict, db)
        }
        try db.cachedStatement(
            sql: "INSERT INTO feedback (\(StoredFeedback.columns)) VALUES (NULL\(String(repeating: ", ?", count: 15)))"
        ).execute(arguments: StoredFeedback.arguments(feedback, timeMicroseconds: time))
        try count(1, vertical: feedback.vertical.name, feedback.source, verdict: feedback.verdict.stored, db)
        return earlier != nil
    }

    static func count(
        _ change: Int,
        vertical: String,
        _ source: FeedbackSource,
        verdict: Int,
        _ db: Database,
    ) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO total (vertical, source, verdict, count) VALUES (?, ?, ?, ?)
                ON CONFLICT (vertical, source, verdict) DO UPDATE SET count = count + excluded.count
                """
        ).execute(arguments: [vertical, source.stored, verdict, change])
    }

    private func read<Result: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Result
    ) async throws(SwitchboardError) -> Result {
        do {
            return try await pool.read(body)
        } catch {
            throw SwitchboardError(store: error, path: path, doing: "read")
        }
    }
}

extension FeedbackCounts {
    /// - Parameter vertical: nil: of all.
    init(_ db: Database, of vertical: Vertical?) throws {
        self.init()
        let rows = try Row.fetchAll(
            db,
            sql: "SELECT source, verdict, count FROM total WHERE :vertical IS NULL OR vertical = :vertical",
            arguments: ["vertical": vertical?.name]
        )
        for row in rows {
            let count = try row.tally(2)
            total += count
            guard try row.integer(0) == Int64(FeedbackSource.caller.stored) else { continue }
            callers += count
            if try row.integer(1) == Int64(Verdict.confirmed.stored) { confirmedByCallers += count }
        }
    }
}
