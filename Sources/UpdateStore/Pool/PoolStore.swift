package import Core
internal import Foundation
internal import GRDB
internal import Synchronization

/// Keeps utterances that nobody could explain until intents are discovered of them: each different one once, with how often
/// and in which conversations it was said, and its vector.
///
/// What was added is on disk, masked before that; batches that come together share an fsync. There is the live pool, and
/// one for each file that is looked through. Writes run on GRDB's writer queue, reads on its readers' queues (Dispatch's
/// threads). It asks nobody whether an utterance is explained by now, and makes no vectors.
package final class PoolStore: Sendable {
    /// The name of the pool that gateways fill.
    package static let live = ""
    package static let maximumNameBytes = 255
    /// Of one batch.
    package static let maximumEntries = 1_000

    let pool: DatabasePool
    let path: String
    let limits: PoolLimits
    let now: @Sendable () -> Int64
    /// Held for its lock; let go by `close`.
    private let directory: Mutex<DataDirectory?>
    private let writer: GroupWriter<Batch, PoolReceipt>

    struct Batch: Sendable {
        let pool: String
        let entries: [PoolEntry]
    }

    /// Opens the store of a data directory, making it if it is not there. Blocks for some milliseconds.
    ///
    /// - Throws: as `UpdateLog.init`; `.invalidArgument` where nothing fits into the limits.
    package init(
        in directory: DataDirectory,
        limits: PoolLimits = PoolLimits(),
        masks: MaskRules = MaskRules(),
        now: @escaping @Sendable () -> Int64 = UpdateLog.systemTime,
    ) throws(SwitchboardError) {
        try limits.validate()
        self.directory = Mutex(directory)
        self.limits = limits
        self.now = now
        let path = directory.poolPath
        self.path = path
        pool = try StoreFile.open(path, schema: .pool)
        writer = GroupWriter(pool: pool) { group, db in
            Self.commit(group, db, path: path) {
                PoolTables(db: $0, limits: limits, now: now())
            } masked: {
                masks.masked($0)
            }
        }
    }

    /// Adds utterances to a pool, in their order; those that are there already add nothing.
    ///
    /// - Parameters:
    ///   - entries: at most 1,000.
    ///   - pool: at most 255 bytes; the live one where it is empty.
    /// - Returns: when they are on disk.
    /// - Throws: `.invalidArgument` for too many or a name that is no name; `.resourceExhausted` where a file's pool, the
    ///   disk or the queue before it is full: nothing of the batch was added then; else as the disk answers; `.cancelled`.
    package func add(
        _ entries: [PoolEntry],
        to pool: String = PoolStore.live,
    ) async throws(SwitchboardError) -> PoolReceipt {
        guard entries.count <= Self.maximumEntries else {
            throw .invalid("\(entries.count) utterances at once; at most \(Self.maximumEntries) are taken")
        }
        guard pool.utf8.count <= Self.maximumNameBytes, !pool.utf8.contains(0) else {
            throw .invalid("the name of a pool has at most \(Self.maximumNameBytes) bytes, and no NUL")
        }
        guard !entries.isEmpty else { return PoolReceipt() }
        let bytes = entries.reduce(0) { $0 + $1.text.value.utf8.count + 512 }
        return try await writer.write(Batch(pool: pool, entries: entries), bytes: bytes)
    }

    /// The different utterances of a pool, in the order in which they came first; all at once, some hundred bytes each.
    package func utterances(of query: PoolQuery = PoolQuery()) async throws(SwitchboardError) -> [PooledUtterance] {
        try await read { db in try PooledUtterance.all(of: query, db) }
    }

    package func counts(of pool: String = PoolStore.live) async throws(SwitchboardError) -> PoolCounts {
        let (limits, now) = (limits, now())
        return try await read { db in try PoolTables(db: db, limits: limits, now: now).counts(of: pool) }
    }

    /// Those of which a pool has an utterance.
    package func verticals(of pool: String = PoolStore.live) async throws(SwitchboardError) -> Set<Vertical> {
        try await read { db in
            let rows = try Row.fetchAll(
                db,
                sql: "SELECT DISTINCT vertical FROM utterance WHERE pool = ?",
                arguments: [pool]
            )
            return Set(try rows.map { try $0.vertical(0) })
        }
    }

    /// The pools of files, the one that was filled longest ago first.
    package func namedPools() async throws(SwitchboardError) -> [String] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT name FROM pool ORDER BY time_us, name").map { try $0.text(0) }
        }
    }

    /// Forgets utterances by their numbers, with the reason for which they are counted as having left.
    ///
    /// - Returns: how many were there.
    @discardableResult
    package func remove(
        _ numbers: [Int64],
        because cause: PoolCounts.Departure = .explained,
    ) async throws(SwitchboardError) -> Int {
        try await write { tables in
            var removed = 0
            for number in numbers {
                if try tables.remove(number, cause) { removed += 1 }
            }
            return removed
        }
    }

    /// Forgets what was accepted as exemplars out of a pool, of whatever role, as explained.
    ///
    /// - Returns: how many were there.
    @discardableResult
    package func remove(_ exemplars: [ExemplarID], from pool: String) async throws(SwitchboardError) -> Int {
        try await write { tables in
            let statement = try tables.db.cachedStatement(
                sql: "SELECT number FROM utterance WHERE pool = ? AND exemplar_id = ?"
            )
            var removed = 0
            for exemplar in exemplars {
                let numbers = try Row.fetchAll(statement, arguments: [pool, exemplar.bits.stored])
                for number in numbers where try tables.remove(try number.integer(0), .explained) { removed += 1 }
            }
            return removed
        }
    }

    /// Forgets a file's pool with all that is in it, or empties the live one.
    package func drop(_ pool: String) async throws(SwitchboardError) {
        try await write { tables in try tables.drop(pool) }
    }

    /// Forgets what was said longer ago than the retention allows. A clock that was ahead keeps nothing longer.
    ///
    /// - Returns: how many utterances left.
    @discardableResult
    package func forgetOld() async throws(SwitchboardError) -> Int {
        try await write { tables in try tables.forgetOld() }
    }

    /// Bytes of the file and what SQLite keeps beside it.
    package func storedBytes() -> Int { StoreFile.bytes(at: path) }

    /// Answers what waits, refuses what comes, closes the file and lets go of the folder.
    package func close() async throws(SwitchboardError) {
        await writer.close()
        try await StoreFile.close(pool, path: path)
        directory.withLock { $0 = nil }
    }

    // MARK: Transactions

    /// One transaction, on GRDB's writer queue; a batch that is refused is rolled back by itself. Texts are masked here,
    /// where nobody waits for the thread.
    private static func commit(
        _ group: [Batch],
        _ db: Database,
        path: String,
        tables: (Database) -> PoolTables,
        masked: (PoolEntry) -> PoolEntry,
    ) -> [Result<PoolReceipt, SwitchboardError>] {
        do {
            var answers: [Result<PoolReceipt, SwitchboardError>] = []
            try db.inTransaction(.immediate) {
                let tables = tables(db)
                for batch in group { answers.append(try add(batch, tables, masked)) }
                return .commit
            }
            return answers
        } catch {
            let failure = SwitchboardError(store: error, path: path, doing: "add to")
            return group.map { _ in .failure(failure) }
        }
    }

    private static func add(
        _ batch: Batch,
        _ tables: PoolTables,
        _ masked: (PoolEntry) -> PoolEntry,
    ) throws -> Result<PoolReceipt, SwitchboardError> {
        var receipt = PoolReceipt()
        do {
            try tables.db.inSavepoint {
                for entry in batch.entries {
                    if try tables.add(masked(entry), to: batch.pool) {
                        receipt.added += 1
                    } else {
                        receipt.repeated += 1
                    }
                }
                if batch.pool == live {
                    try tables.makeRoom(in: live)
                } else {
                    try tables.requireRoom(in: batch.pool)
                    try tables.touch(batch.pool)
                }
                return .commit
            }
        } catch let error as SwitchboardError {
            return .failure(error)
        }
        return .success(receipt)
    }

    func read<Result: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Result
    ) async throws(SwitchboardError) -> Result {
        do {
            return try await pool.read(body)
        } catch {
            throw SwitchboardError(store: error, path: path, doing: "read")
        }
    }

    func write<Result: Sendable>(
        _ body: @escaping @Sendable (PoolTables) throws -> Result
    ) async throws(SwitchboardError) -> Result {
        let (limits, now) = (limits, now())
        do {
            return try await pool.write { db in try body(PoolTables(db: db, limits: limits, now: now)) }
        } catch {
            throw SwitchboardError(store: error, path: path, doing: "write to")
        }
    }
}
