internal import Core
internal import Logging
internal import UpdateStore
internal import Wire

/// Decisions that change the index: begun in the book, then sent to the index, then finished in the book.
extension Clusterer {
    /// Carries out a decision that was begun, or goes on with it.
    func carryOut(_ decision: ReviewDecision, until deadline: ContinuousClock.Instant) async throws {
        do {
            switch decision.act {
            case .accept: try await accept(decision, until: deadline)
            case .undo(let operation?): try await takeOut(decision, undoing: operation, until: deadline)
            case .undo, .reject, .rename, .merge, .split: preconditionFailure("the index has no part in it")
            }
        } catch let error as SwitchboardError {
            guard error.code != .unavailable, error.code != .deadlineExceeded else { throw Self.begun(error) }
            // It may have been finished all the same.
            guard error.code == .aborted else { throw error }
            let known = try await book.decision(of: decision.operation)
            guard let known, known.isDone, decision.continues(known) else { throw error }
        }
    }

    /// Who reads that the index is away takes the decision for one that was not made, and would decide otherwise.
    private static func begun(_ error: SwitchboardError) -> SwitchboardError {
        SwitchboardError(
            error.code,
            error.message + "; the decision about the proposal was begun and is carried out once the index takes it",
            retryAfter: error.retryAfter,
            cause: error.cause,
            field: error.field
        )
    }

    private func accept(_ decision: ReviewDecision, until deadline: ContinuousClock.Instant) async throws {
        guard case .accept(let path, _, let exemplars, _) = decision.act else { return }
        let proposal = try await proposal(decision.proposal)
        let (vectors, encoder) = await keptVectors(of: proposal.members.map(\.text))
        let accepted = AcceptedBatches(
            decision,
            members: proposal.members,
            in: proposal.vertical,
            vectors: vectors,
            encoder: encoder
        )
        let plain = AcceptedBatches(decision, members: proposal.members, in: proposal.vertical)
        var position: LogPosition?
        for (number, (batch, without)) in zip(accepted.batches, plain.batches).enumerated() {
            let isLast = number == accepted.batches.count - 1
            do throws(SwitchboardError) {
                position = try await append(batch, orElse: without, isLast: isLast, until: deadline).position
            } catch {
                try await giveUp(decision, after: number, error, until: deadline)
                throw error
            }
        }
        guard let position else {
            try await book.forget(decision.operation)
            throw SwitchboardError(.failedPrecondition, "the members that were chosen have been erased since")
        }
        await leavePool(proposal, exemplars)
        var done = decision
        done.position = position
        done.change = ReviewRules.accept(proposal, path: path, by: decision.operation, at: position)
        try await book.apply(done)
        logger.info(
            "a proposal was accepted",
            metadata: ["proposal": "\(proposal.id)", "sequence": "\(position.sequence)"]
        )
    }

    /// One operation; without vectors where the index wants those of another encoder by now.
    private func append(
        _ batch: AppendBatch,
        orElse plain: AppendBatch,
        isLast: Bool,
        until deadline: ContinuousClock.Instant,
    ) async throws(SwitchboardError) -> AppendReceipt {
        func request(_ batch: AppendBatch) -> AppendRequest {
            AppendRequest(batch: batch, wait: isLast ? .applied : .durable, waitLimit: .seconds(2))
        }
        do throws(SwitchboardError) {
            return try await index.append(request(batch), try timeLeft(until: deadline)).receipt
        } catch {
            guard error.code == .failedPrecondition, batch != plain else { throw error }
            return try await index.append(request(plain), try timeLeft(until: deadline)).receipt
        }
    }

    private func timeLeft(until deadline: ContinuousClock.Instant) throws(SwitchboardError) -> Duration {
        let left = deadline - .now
        guard left > .zero else {
            throw SwitchboardError(
                .deadlineExceeded,
                "the time was up before the index had taken all; the same operation again goes on from there"
            )
        }
        return left
    }

    /// The index refused a part for good: what came before it is taken out again, and the decision is forgotten. Of other
    /// errors nobody knows whether it was taken, so that the decision stays begun.
    ///
    /// An operation that the index has with other content was taken before the process ended, with members that were erased
    /// since: it is taken out too.
    private func giveUp(
        _ decision: ReviewDecision,
        after taken: Int,
        _ error: SwitchboardError,
        until deadline: ContinuousClock.Instant,
    ) async throws {
        let isFinal: Set<StatusCode> = [
            .invalidArgument, .notFound, .alreadyExists, .permissionDenied, .failedPrecondition, .outOfRange,
            .unimplemented, .unauthenticated,
        ]
        guard isFinal.contains(error.code) else { return }
        if taken > 0 || error.code == .alreadyExists {
            _ = try await undoInIndex(decision.operation, by: decision.reviewer, until: deadline)
        }
        try await book.forget(decision.operation)
    }

    private func takeOut(
        _ decision: ReviewDecision,
        undoing operation: Bits128,
        until deadline: ContinuousClock.Instant,
    ) async throws {
        guard let undone = try await book.decision(of: operation) else {
            return try await book.forget(decision.operation)
        }
        var done = decision
        done.position = try await undoInIndex(operation, by: decision.reviewer, until: deadline)
        let proposal = try await proposal(decision.proposal)
        if case .accept(_, _, let exemplars, _) = undone.act { await returnToPool(proposal, exemplars) }
        done.change = undone.change.inverse
        try await book.apply(done, undoing: operation)
    }

    /// - Returns: nil where the log has nothing of it: all members had been exemplars of the intent before.
    private func undoInIndex(
        _ operation: Bits128,
        by reviewer: String,
        until deadline: ContinuousClock.Instant,
    ) async throws(SwitchboardError) -> LogPosition? {
        let way = ReversalWay(source: "discover undo", author: reviewer, wait: .applied)
        let request = UndoRequest(change: AcceptedBatches.change(of: operation), way: way)
        do throws(SwitchboardError) {
            return try await index.undo(request, try timeLeft(until: deadline)).receipt.position
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }
}
