package import Core
internal import GRDB

/// Reads the stores of a data directory that no node uses, and changes nothing in it: for `doctor`.
///
/// Holding a value keeps nodes from starting on the folder. Reads run on threads of Dispatch's. It makes no folder, no
/// file and no lock file, and writes to none.
package final class DataDirectoryReader: Sendable {
    private let path: String
    private let lock: DirectoryLock?

    /// - Throws: `.failedPrecondition` where a node uses it (named by its process), or it cannot be looked at.
    package init(_ path: String) throws(SwitchboardError) {
        self.path = path
        do {
            lock = try DirectoryLock.shared(path: DataDirectory.lockPath(in: path))
        } catch let error as SwitchboardError {
            throw error
        } catch {
            throw SwitchboardError(
                .failedPrecondition,
                "the data directory \(path) cannot be looked at: \(error)",
                cause: error
            )
        }
    }

    /// Reads the whole log, as `UpdateLog.check` does.
    ///
    /// - Returns: nil where there is none yet.
    /// - Throws: `.failedPrecondition` where the file belongs to another program, is of another version or cannot be
    ///   read; `.dataLoss` where its tables are damaged.
    package func log() async throws(SwitchboardError) -> LogFindings? {
        let path = self.path + "/log.sqlite"
        let bytes = StoreFile.bytes(at: path)
        return try await StoreFile.readUnused(path, schema: .log) { db in try LogFindings(db, bytes: bytes) }
    }

    /// - Returns: nil where no feedback was ever given.
    /// - Throws: as `log`.
    package func feedback() async throws(SwitchboardError) -> FeedbackCounts? {
        try await StoreFile.readUnused(self.path + "/feedback.sqlite", schema: .feedback) { db in
            try FeedbackCounts(db, of: nil)
        }
    }

    /// Of the live pool.
    ///
    /// - Returns: nil where nothing was ever added.
    /// - Throws: as `log`.
    package func pool() async throws(SwitchboardError) -> PoolCounts? {
        try await StoreFile.readUnused(self.path + "/pool.sqlite", schema: .pool) { db in
            // Every row is read, so that one that is damaged is found.
            _ = try PooledUtterance.all(of: PoolQuery(), db)
            return try PoolTables(db: db, limits: PoolLimits(), now: 0).counts(of: PoolStore.live)
        }
    }
}

/// What a log's file holds.
package struct LogFindings: Sendable, Equatable {
    package let check: LogCheck
    package let log: LogID
    /// Where the log begins: later than at its first record where it was trimmed.
    package let first: LogSequence
    /// Where the log ends; `check` ends before it at the first fault.
    package let head: LogSequence
    /// Times that it was opened for writing.
    package let epoch: UInt64
    /// When its newest record was written, in microseconds since 1970; nil: there is none.
    package let newestMicroseconds: Int64?
    /// Of the file and what SQLite keeps beside it.
    package let bytes: Int
    /// Which made the vectors; nil: no exemplar was ever added.
    package let encoder: ModelID?
    package let keys: KeyRegister

    init(_ db: Database, bytes: Int) throws {
        guard let row = try Row.fetchOne(db, sql: "SELECT log_id, epoch, head, encoder_id, first FROM log WHERE id = 1")
        else {
            throw SwitchboardError.unreadable("the log's first row")
        }
        epoch = UInt64(bitPattern: try row.integer(1))
        head = try row.sequence(2)
        newestMicroseconds = try Row.fetchOne(
            db,
            sql: "SELECT time_us FROM operation WHERE first_seq IS NOT NULL ORDER BY number DESC LIMIT 1"
        )?.integer(0)
        self.bytes = bytes
        encoder = try row.bytesIfAny(3).flatMap { ModelID(bytes: $0) }
        keys = try LogTables.keys(db)
        log = try row.bits(0)
        first = try row.sequence(4)
        check = try LogCheck(db, log: log)
    }
}
