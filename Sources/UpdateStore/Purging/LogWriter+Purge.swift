package import Core
internal import Foundation
internal import GRDB

/// What a purge did to the log.
package struct PurgeOutcome: Sendable, Equatable {
    /// Of its record.
    package let position: LogPosition
    /// Exemplars that lived.
    package let removed: Int
    package let blanked: Int
}

/// An operation of which something was blanked, or whose digest is another without what was.
struct ChangedOperation {
    /// A record of it that is in the log.
    let member: LogSequence
    /// Those that were blanked.
    var records: [LogRecord]
    /// Nil: it stays as it is.
    let digest: StateDigest?
}

/// What the log is without some exemplars.
struct BlankedLog {
    var operations: [ChangedOperation] = []
    /// Ascending: where records were blanked and, of a trimmed log, where what they speak of became live.
    var places: [LogSequence] = []
    /// Records.
    var blanked = 0
    var verticals: Set<Vertical> = []
    /// At the head; nil: it cannot be worked out from records.
    var digest: StateDigest?

    /// - Throws: `.aborted` where one record cannot name all of it.
    func checkSize() throws(SwitchboardError) {
        guard places.count <= Purged.maximumSequences, verticals.count <= Purged.maximumVerticals else {
            throw SwitchboardError(
                .aborted,
                "\(places.count) records of \(verticals.count) verticals would be blanked at once, since some came in "
                    + "meanwhile; try again"
            )
        }
    }
}

extension LogWriter {
    /// Blanks all records of some exemplars and appends the record that says so, in one transaction.
    ///
    /// Digests say what lives, so that every operation from the first record of theirs on gets another: the log is worked
    /// out anew for that, which takes the time of reading it. Appends wait. Those of a trimmed log stay as they are.
    ///
    /// - Parameters:
    ///   - trimmed: what there is to say where the log was trimmed.
    ///   - note: called before the commit with the place that the purge's record has.
    /// - Throws: `.dataLoss` where the log is damaged; `.failedPrecondition` where it was trimmed and nothing is said of
    ///   that.
    func purge(
        _ exemplars: Set<ExemplarID>,
        trimmed: TrimmedPurge?,
        change: [UInt8],
        author: String,
        note: (LogPosition) throws -> Void,
        _ db: Database,
    ) throws -> PurgeOutcome {
        if let refusal = board.refusal { throw refusal }
        var state = board.state
        let before = state
        var committed: CommittedOperation?
        var outcome: PurgeOutcome?
        do {
            try db.inTransaction(.immediate) {
                try Self.checkEpoch(db, epoch, path)
                let tables = try LogTables(db, log: log)
                let rest =
                    try before.first == LogSequence.start.next
                    ? blankedLog(without: exemplars, upTo: before, tables)
                    : blankedTrimmedLog(without: exemplars, trimmed, upTo: before, tables)
                var plan = purgePlan(rest, change: change, author: author, &state)
                for id in exemplars {
                    guard let living = try tables.exemplar(id) else { continue }
                    plan.changes.append(.removed(living))
                    plan.receipt.removed += 1
                    state.verticals.count(-1, in: living.vertical)
                    state.digest.remove(living.term)
                    if let next = living.next { state.nextVectors.remove(next) }
                }
                guard rest.digest == nil || state.digest == rest.digest else { throw Self.inconsistent }
                for operation in rest.operations { try write(operation, tables) }
                let position = LogPosition(log: log, sequence: state.head)
                // Nobody sends it again: its id is of this once.
                committed = try tables.write(plan, content: plan.stamp.operation, before: before, after: state)
                try tables.write(state)
                try note(position)
                outcome = PurgeOutcome(
                    position: position,
                    removed: plan.receipt.removed,
                    blanked: rest.blanked
                )
                return .commit
            }
        } catch {
            let failure = SwitchboardError(store: error, path: path, doing: "erase from")
            if let damage = failure.cause as? DamagedRecord { board.mark(damaged: damage.sequence, readableTo: nil) }
            throw failure
        }
        guard let committed, let outcome else { preconditionFailure("a purge that was committed has a record") }
        board.publish(state, purge: committed)
        return outcome
    }

    private func purgePlan(
        _ rest: BlankedLog,
        change: [UInt8],
        author: String,
        _ state: inout LogState,
    ) -> OperationPlan {
        let operation = Bits128.random().bytes
        state.lastOperation += 1
        state.head = state.head.next
        let stamp = OperationStamp(
            operation: operation,
            change: change.isEmpty ? operation : change,
            source: "index purge",
            author: author,
            timeMicroseconds: now(),
        )
        var plan = OperationPlan(
            number: state.lastOperation,
            stamp: stamp,
            receipt: AppendReceipt(
                operation: operation,
                change: stamp.change,
                position: LogPosition(log: log, sequence: state.head),
                first: state.head,
            ),
        )
        let verticals = rest.verticals.sorted { $0.name < $1.name }
        plan.records = [
            LogRecord(
                sequence: state.head,
                stamp: stamp,
                fact: .purged(Purged(blanked: rest.places, verticals: verticals))
            )
        ]
        for vertical in verticals { plan.verticals.insert(state.verticals.register(vertical)) }
        return plan
    }

    private func blankedLog(
        without exemplars: Set<ExemplarID>,
        upTo state: LogState,
        _ tables: LogTables,
    ) throws -> BlankedLog {
        var rest = BlankedLog()
        var fold = LogFold()
        let reader = LogReader(db: tables.db, log: log)
        while fold.head < state.head {
            let answer = try reader.operations(after: fold.head, limit: ReadLimit())
            for operation in answer.operations {
                var blanked: [LogRecord] = []
                let records = operation.records.map { record -> LogRecord in
                    guard let id = record.fact.exemplar, exemplars.contains(id), let fact = record.fact.blanked else {
                        return record
                    }
                    rest.verticals.insert(fact.vertical)
                    blanked.append(
                        LogRecord(sequence: record.sequence, stamp: record.stamp, fact: .exemplarBlanked(fact))
                    )
                    return blanked[blanked.count - 1]
                }
                let fault = fold.apply(records) { try? tables.vector(at: $0) }
                if fault != nil { throw Self.inconsistent }
                rest.places += blanked.map(\.sequence)
                rest.blanked += blanked.count
                guard !blanked.isEmpty || fold.digest != operation.digest else { continue }
                rest.operations.append(
                    ChangedOperation(member: operation.first, records: blanked, digest: fold.digest)
                )
            }
            if let damage = answer.damage { throw SwitchboardError.damaged(at: damage.record) }
        }
        try rest.checkSize()
        rest.digest = fold.digest
        return rest
    }

    private func write(_ operation: ChangedOperation, _ tables: LogTables) throws {
        let owner = try Row.fetchOne(
            tables.db.cachedStatement(sql: "SELECT operation FROM record WHERE seq = ?"),
            arguments: [operation.member.stored]
        )
        guard let number = try owner?.integer(0) else { throw SwitchboardError.damaged(at: operation.member) }
        for record in operation.records {
            let row = StoredRecord(record, operation: number)
            try tables.db.cachedStatement(
                sql: "UPDATE record SET kind = ?, format = ?, checksum = ?, payload = ? WHERE seq = ?"
            ).execute(arguments: [row.kind, row.format, row.checksum, Data(row.payload), row.sequence.stored])
        }
        if !operation.records.isEmpty {
            try tables.db.cachedStatement(
                sql: """
                    UPDATE operation SET bytes = (
                        SELECT sum(length(payload)) FROM record WHERE record.operation = operation.number
                            AND record.seq BETWEEN operation.first_seq AND operation.last_seq
                    ) WHERE number = ?
                    """
            ).execute(arguments: [number])
        }
        guard let digest = operation.digest else { return }
        try tables.db.cachedStatement(sql: "UPDATE operation SET digest = ? WHERE number = ?")
            .execute(arguments: [digest.sum.stored, number])
    }

    private static var inconsistent: SwitchboardError {
        SwitchboardError(
            .dataLoss,
            "the log's records do not add up to what its tables say, so that nothing was erased from it; run "
                + "`switchboard doctor`, and restore a backup"
        )
    }
}
