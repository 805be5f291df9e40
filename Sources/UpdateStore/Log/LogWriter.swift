internal import Core
internal import GRDB
internal import Synchronization

/// Commits groups of batches to the log: one transaction a group, all or nothing for each batch in it.
///
/// Runs on GRDB's writer queue alone, a group at a time. It reads and replaces the state of the board, which others
/// only read.
final class LogWriter: Sendable {
    let log: LogID
    let epoch: UInt64
    let path: String
    let board: LogBoard
    let now: @Sendable () -> Int64

    init(log: LogID, epoch: UInt64, path: String, board: LogBoard, now: @escaping @Sendable () -> Int64) {
        self.log = log
        self.epoch = epoch
        self.path = path
        self.board = board
        self.now = now
    }

    /// - Returns: one answer for each batch, in order, given after the commit (so after the fsync).
    func commit(_ group: [PreparedBatch], _ db: Database) -> [Result<AppendReceipt, SwitchboardError>] {
        if let refusal = board.refusal { return group.map { _ in .failure(refusal) } }
        let before = board.state
        var state = before
        var answers: [Result<AppendReceipt, SwitchboardError>] = []
        var committed: [CommittedOperation] = []
        var revoked: [KeySet] = []
        do {
            try db.inTransaction(.immediate) {
                try Self.checkEpoch(db, epoch, path)
                let tables = try LogTables(db, log: log)
                for batch in group {
                    do {
                        answers.append(.success(try write(batch, tables, &state, &committed, &revoked)))
                    } catch let error as SwitchboardError where !error.concernsTheStore {
                        answers.append(.failure(error))
                    } catch let error as DatabaseError where error.concernsTheBatch {
                        answers.append(.failure(SwitchboardError(store: error, path: path, doing: "append to")))
                    } catch let error as UnreadableColumn {
                        // Met before anything is written.
                        answers.append(.failure(SwitchboardError(store: error, path: path, doing: "append to")))
                    }
                }
                guard state.lastOperation > before.lastOperation else { return .rollback }
                try tables.write(state)
                // On disk before the log says so: a line too many shuts out a key that an admin wanted out.
                if !revoked.isEmpty {
                    let time = now()
                    let entries = revoked.map { RevocationList.Entry($0, timeMicroseconds: time) }
                    try RevocationList(in: StoreFile.folder(of: path)).append(entries)
                }
                return .commit
            }
        } catch {
            // Nothing of the group is in the log. Who was refused anyway hears why.
            let failure = SwitchboardError(store: error, path: path, doing: "append to")
            if let damage = failure.cause as? DamagedRecord { board.mark(damaged: damage.sequence, readableTo: nil) }
            return group.indices.map { index in
                if index < answers.count, case .failure = answers[index] { return answers[index] }
                return .failure(failure)
            }
        }
        board.publish(state, committed)
        return answers
    }

    private func write(
        _ prepared: PreparedBatch,
        _ tables: LogTables,
        _ state: inout LogState,
        _ committed: inout [CommittedOperation],
        _ revoked: inout [KeySet],
    ) throws -> AppendReceipt {
        if let earlier = try tables.operation(prepared.batch.operation) {
            guard earlier.content == prepared.content else {
                throw SwitchboardError(
                    .alreadyExists,
                    "this operation id was used before, with other content; choose a new one"
                )
            }
            var receipt = earlier.receipt
            // Given before the log was restored from a backup it names the log that it was then.
            receipt.position = LogPosition(log: log, sequence: receipt.position.sequence)
            receipt.isRepeated = true
            return receipt
        }
        try tables.checkBeginner(of: prepared)
        var planner = OperationPlanner(prepared, at: now(), log: log, state: state, ledger: tables)
        let plan = try planner.run()
        var operation: CommittedOperation?
        try tables.db.inSavepoint {
            operation = try tables.write(plan, content: prepared.content, before: state, after: planner.state)
            return .commit
        }
        state = planner.state
        if let operation { committed.append(operation) }
        revoked += plan.keys.map { $0.key }.filter { $0.isRevoked }
        return plan.receipt
    }

    /// - Throws: `.failedPrecondition` where another program has opened the log since.
    static func checkEpoch(_ db: Database, _ epoch: UInt64, _ path: String) throws {
        let statement = try db.cachedStatement(sql: "SELECT epoch FROM log WHERE id = 1")
        let stored = try Row.fetchOne(statement)?.integer(0)
        guard stored == Int64(bitPattern: epoch) else {
            throw SwitchboardError(
                .failedPrecondition,
                "the log \(path) was opened by another program (epoch \(stored ?? 0), this one has \(epoch)); stop one",
            )
        }
    }
}

extension SwitchboardError {
    /// Every batch would meet it, not only this one.
    fileprivate var concernsTheStore: Bool {
        cause is DatabaseError || cause is DamagedRecord
    }
}

extension DatabaseError {
    /// The savepoint takes back what it met; the transaction goes on.
    fileprivate var concernsTheBatch: Bool {
        resultCode == .SQLITE_CONSTRAINT || resultCode == .SQLITE_TOOBIG
    }
}
