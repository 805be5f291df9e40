package import Core
internal import GRDB
internal import Glibc
internal import Synchronization

/// The update log: every change of an answer, in one order, on disk before it is acknowledged.
///
/// Promises: a receipt means durable (`synchronous = FULL`, one fsync for all batches that wait together); sequence
/// numbers have no gap; a batch is applied whole or not at all; an operation id has one effect, however often it is
/// sent; a committed record that cannot be read is never skipped.
///
/// One writes: it holds the data directory's lock, and the epoch in the file tells off whoever opened it before.
/// Appends run on GRDB's writer queue, reads on its readers' queues (threads of Dispatch's), never on Swift's
/// cooperative pool; readers and writer do not wait for each other. It does not encode, does not wait for replicas and
/// knows no network.
package final class UpdateLog: Sendable {
    /// 16 random bytes made with the file; a log restored from a backup gets others.
    package let id: LogID
    /// Grows by one each time the log is opened.
    package let epoch: UInt64

    let pool: DatabasePool
    let board: LogBoard
    let path: String
    /// Held for its lock; let go by `close`.
    private let directory: Mutex<DataDirectory?>
    let writer: GroupWriter<PreparedBatch, AppendReceipt>
    let committer: LogWriter

    /// Opens the log of a data directory, making it if it is not there. Blocks for some milliseconds; done while a node
    /// starts.
    ///
    /// - Parameters:
    ///   - recentBytes: how much memory the newest operations may take, which are kept for followers.
    ///   - now: microseconds since 1970, UTC; stamped on operations.
    /// - Throws: `.failedPrecondition` where the file belongs to another program, is of a newer version or cannot be
    ///   written; `.dataLoss` where its tables are damaged (damaged records alone leave it readable, see `condition`);
    ///   `.resourceExhausted` on a full disk.
    package init(
        in directory: DataDirectory,
        recentBytes: Int = 16 << 20,
        now: @escaping @Sendable () -> Int64 = UpdateLog.systemTime,
        committed: @escaping @Sendable (_ operations: Int, _ time: Duration) -> Void = { _, _ in },
    ) throws(SwitchboardError) {
        try DataDirectory.requireLogIfUsed(in: directory.path)
        self.directory = Mutex(directory)
        path = directory.logPath
        pool = try StoreFile.open(path, schema: .log)
        let loaded: LogState.Loaded
        let tail: (record: LogSequence, readableTo: LogSequence?)?
        do {
            loaded = try pool.write { db in
                try db.execute(
                    sql: """
                        INSERT OR IGNORE INTO log (id, log_id, epoch, first, head, digest)
                        VALUES (1, ?, 0, 1, 0, ?)
                        """,
                    arguments: [LogID.random().stored, StateDigest().sum.stored]
                )
                try db.execute(sql: "UPDATE log SET epoch = epoch + 1")
                return try LogState.load(db)
            }
            tail = try pool.read { db in try Self.readTail(db, loaded) }
        } catch {
            throw SwitchboardError(store: error, path: directory.logPath, doing: "open")
        }
        id = loaded.id
        epoch = loaded.epoch
        board = LogBoard(log: loaded.id, epoch: loaded.epoch, state: loaded.state, recentBytes: recentBytes)
        if let damaged = loaded.damaged { board.mark(damaged: damaged, readableTo: nil) }
        if let tail { board.mark(damaged: tail.record, readableTo: tail.readableTo) }
        let committer = LogWriter(log: loaded.id, epoch: loaded.epoch, path: path, board: board, now: now)
        self.committer = committer
        writer = GroupWriter(pool: pool, committed: committed) { group, db in committer.commit(group, db) }
    }

    /// Appends a batch as one operation.
    ///
    /// - Parameter joinsOwnOnly: it is refused where its change was begun by an operation of another author.
    /// - Returns: when the operation is on disk: what it did; of an operation id that was there before, the first
    ///   receipt.
    /// - Throws: `.invalidArgument` for a batch that is wrong in itself; `.alreadyExists` where the operation id was
    ///   used with other content, or the change is another author's; `.failedPrecondition` where a new exemplar lacks its vector, a vector is of another
    ///   encoder or length than the log's, or the disk cannot be written; `.resourceExhausted` where too much is
    ///   waiting or the disk is full; `.unavailable` where the disk answers with an error or the log is closing;
    ///   `.dataLoss` where a committed record was found damaged; `.cancelled`. Whatever is thrown, the operation has
    ///   not been acknowledged, and sending it again with the same id is safe.
    @concurrent
    package func append(
        _ batch: AppendBatch,
        joinsOwnOnly: Bool = false,
    ) async throws(SwitchboardError) -> AppendReceipt {
        let prepared = try PreparedBatch(batch, joinsOwnOnly: joinsOwnOnly)
        return try await writer.write(prepared, bytes: prepared.bytes)
    }

    /// Where the log ends.
    package var head: LogHead { board.head }

    package var condition: LogCondition { board.condition }

    /// Why nothing is appended although all can be read; nil: that is not so.
    package var stop: SwitchboardError? { board.stop }

    /// Takes no appends from now on, until it is opened anew: whoever writes here goes on from something else than what
    /// was acknowledged.
    package func stop(because reason: SwitchboardError) { board.stop(because: reason) }

    /// Batches that wait for the disk, and their bytes.
    package var waiting: (items: Int, bytes: Int) { writer.waiting }

    /// Groups that shared an fsync, and the batches in them, since the log was opened.
    package var committed: (groups: Int, items: Int) { writer.committed }

    /// The oldest record still in the log; 1 unless it was trimmed.
    package var first: LogSequence { board.state.first }

    /// All intents at the head.
    package var taxonomy: Taxonomy { board.state.taxonomy }

    /// The policies at the head, and the records that set them.
    package var policies: [PolicyScope: (policy: Policy, sequence: LogSequence)] {
        board.state.policies.mapValues { ($0.policy, $0.sequence) }
    }

    /// Who may connect, at the head.
    package var keys: KeyRegister { board.state.keys }

    /// Which encoder made the vectors; nil: no exemplar was ever added.
    package var encoder: EncoderShape? { board.state.encoder }

    /// The latest head after each commit from now on; who is slow misses all but the last. Ends when the log is closed.
    package func heads() -> AsyncStream<LogHead> { board.heads() }

    /// Answers what waits, refuses what comes, writes the WAL back, closes the file and lets go of the folder.
    package func close() async throws(SwitchboardError) {
        await writer.close()
        board.close()
        try await StoreFile.close(pool, path: path)
        directory.withLock { $0 = nil }
    }

    /// Microseconds since 1970, UTC.
    package static func systemTime() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }

    /// Looks at the last operation: the first place to look for a torn page.
    ///
    /// - Returns: the record that is damaged, and the end of the operation before it, where that is known.
    private static func readTail(
        _ db: Database,
        _ loaded: LogState.Loaded
    ) throws -> (record: LogSequence, readableTo: LogSequence?)? {
        let row = try Row.fetchOne(
            db,
            sql: "SELECT first_seq FROM operation WHERE first_seq IS NOT NULL ORDER BY number DESC LIMIT 1"
        )
        guard let row else { return nil }
        let head = loaded.state.head
        guard case .int64(let stored) = row.storage(0), let first = LogSequence(stored: stored), first > .start,
            first <= head
        else { return (head, nil) }
        let place = first.previous
        let answer: LogReader.Answer
        do {
            answer = try LogReader(db: db, log: loaded.id).operations(after: place, limit: ReadLimit())
        } catch let error as SwitchboardError where error.code == .invalidArgument {
            // It says that it begins inside another one.
            return (head, nil)
        }
        guard let damage = answer.damage else { return nil }
        return (damage.record, damage.readableTo)
    }
}
