package import Core
internal import GRDB

extension UpdateLog {
    /// What an undo or a rollback would do, worked out upon the head as it is.
    ///
    /// It reads the log from its beginning to its head: the time of `check`, about 100 bytes of memory a living exemplar.
    ///
    /// - Throws: `.notFound` for a change that the log does not have; `.outOfRange` for a place beyond the head, and where
    ///   the log was trimmed: of a rollback always, of an undo where what is left does not tell what stood before; `.invalidArgument` for a place inside an operation; `.failedPrecondition` where what is
    ///   undone switched models; `.unavailable` while the log is being trimmed; `.dataLoss` where a record is damaged.
    package func reversal(of target: ReversalTarget) async throws(SwitchboardError) -> Reversal {
        let state = board.state
        guard !board.isBeingTrimmed else { throw Self.isBeingTrimmed }
        return try await reversal(of: target, first: state.first, trims: state.trims)
    }

    /// - Parameter trims: how often the log had been trimmed when it began at `first`.
    func reversal(
        of target: ReversalTarget,
        first: LogSequence,
        trims: Int,
    ) async throws(SwitchboardError) -> Reversal {
        let id = self.id
        do {
            return try await read { db in
                try ReversalPlanner.reversal(of: target, in: db, log: id, first: first, trims: trims)
            }
        } catch {
            // What is gone by now is not damaged.
            guard board.state.trims == trims else { throw Self.isBeingTrimmed }
            if let damage = error.cause as? DamagedRecord { board.mark(damaged: damage.sequence, readableTo: nil) }
            throw error
        }
    }

    private static var isBeingTrimmed: SwitchboardError {
        SwitchboardError(
            .unavailable,
            "the log is being trimmed, and nothing was undone; try again when that is done",
            retryAfter: .seconds(1)
        )
    }

    /// What a batch would do, without doing it. Upserts of new exemplars need their vectors.
    ///
    /// - Returns: the receipt that it would get now, with the head as its position.
    /// - Throws: as appending it.
    @concurrent
    package func rehearse(
        _ batch: AppendBatch,
        joinsOwnOnly: Bool = false,
    ) async throws(SwitchboardError) -> AppendReceipt {
        let prepared = try PreparedBatch(batch, joinsOwnOnly: joinsOwnOnly)
        let id = self.id
        return try await read { db in
            let state = try LogState.load(db).state
            let tables = try LogTables(db, log: id)
            try tables.checkBeginner(of: prepared)
            var planner = OperationPlanner(prepared, at: 0, log: id, state: state, ledger: tables)
            var receipt = try planner.run().receipt
            receipt.first = nil
            receipt.position = LogPosition(log: id, sequence: state.head)
            return receipt
        }
    }
}
