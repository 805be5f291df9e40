package import Calls
internal import Core
internal import Logging
internal import UpdateStore
package import Wire

/// The one that erases.
extension IndexUpdater {
    /// Erases exemplars from the log and the words about them from feedback, and waits a moment for the replicas to drop
    /// them. One at a time. It goes on where the caller's deadline passes or the caller leaves; the same request with the
    /// same operation id waits for it again. Asked again after an error it does what is left. Exports that are under way end
    /// with `.aborted`, and none begins meanwhile.
    ///
    /// - Throws: `.dataLoss` where the log is damaged; `.resourceExhausted` where the disk has no room; `.unavailable`
    ///   where all is erased and a file could not be written anew; `.alreadyExists` for an operation id of another request;
    ///   `.deadlineExceeded` where it goes on.
    package func purge(_ request: PurgeRequest, _ context: CallContext) async throws -> PurgeReceipt {
        if let refusal { throw refusal }
        if request.isDryRun { return try await rehearse(request) }
        let run: PurgeRuns.RunID
        switch try purges.ask(request) {
        case .answer(let receipt): return receipt
        case .wait(let running): run = running
        case .start(let started):
            run = started
            // Not the call's: what is half erased has to be erased.
            Task {
                let result: Result<PurgeReceipt, SwitchboardError>
                do throws(SwitchboardError) {
                    result = .success(try await erase(request))
                } catch {
                    result = .failure(error)
                }
                purges.end(with: result)
                endWaits()
            }
        }
        let deadline = context.deadline ?? .now + .seconds(30)
        await wait(for: .purged(run), until: deadline - Self.purgeMargin)
        if let result = purges.result(of: run) { return try result.get() }
        throw SwitchboardError(
            .deadlineExceeded,
            "the purge takes longer than the call, and goes on; the same call with the same operation id waits for it",
            retryAfter: .seconds(1)
        )
    }

    /// So long before the deadline the caller is told that it goes on.
    private static var purgeMargin: Duration { .milliseconds(500) }

    private func rehearse(_ request: PurgeRequest) async throws(SwitchboardError) -> PurgeReceipt {
        let rule = PurgeRule(request.selection)
        let found = try await log.findings(for: rule)
        return PurgeReceipt(
            position: log.head.position,
            removed: found.live,
            blanked: found.records,
            feedback: try await feedback.count(of: rule.adding(found.exemplars))
        )
    }

    private func erase(_ request: PurgeRequest) async throws(SwitchboardError) -> PurgeReceipt {
        let rule = PurgeRule(request.selection)
        let found = try await log.findings(for: rule)
        let spoken = rule.adding(found.exemplars)
        let words = try await feedback.count(of: spoken)
        // The texts that feedback holds are named by the log's records, so that they go first.
        if words > 0 || feedback.hasTraces { _ = try await feedback.purge(spoken) }
        let isTrimmed = log.first > LogSequence(1)
        guard words > 0 || found.records > 0 || isTrimmed else {
            if log.hasTraces {
                await endExports()
                try await log.finishErasing()
            }
            return PurgeReceipt(position: log.head.position)
        }
        await endExports()
        let outcome: PurgeOutcome
        if isTrimmed {
            outcome = try await purgeTrimmed(found, request)
        } else {
            outcome = try await log.purge(
                found.exemplars,
                as: request.selection,
                change: request.change,
                author: request.author
            )
            snapshots?.forget()
        }
        logger.notice(
            "purged",
            metadata: [
                "exemplars": "\(outcome.removed)", "records": "\(outcome.blanked)", "feedback": "\(words)",
                "sequence": "\(outcome.position.sequence)",
            ]
        )
        let sequence = outcome.position.sequence
        await wait(for: .applied(sequence), until: .now + .seconds(5))
        return PurgeReceipt(
            position: outcome.position,
            removed: outcome.removed,
            blanked: outcome.blanked,
            feedback: words,
            isMore: found.isMore,
            behind: Array(replicas(behind: sequence).prefix(Limits.maximumItems))
        )
    }

    /// The same on a log that was trimmed: its records and the snapshot that it begins from hold what is to be erased. So a
    /// snapshot of now is seen to first, and a replica that goes on from there through the purge makes the one that the log
    /// begins from afterwards.
    private func purgeTrimmed(
        _ found: PurgeFindings,
        _ request: PurgeRequest,
    ) async throws(SwitchboardError) -> PurgeOutcome {
        guard let snapshots else {
            throw SwitchboardError(
                .unimplemented,
                "this updater keeps no snapshots, so nothing can be erased from its trimmed log"
            )
        }
        // What a call that failed, or a killed process, has left undone.
        try await snapshots.renew()
        let verticals = verticalsWithTraces(of: request.selection, found)
        var attempt = 1
        while true {
            let basis = try await snapshots.write().position.sequence
            do throws(SwitchboardError) {
                let outcome = try await log.purge(
                    found.exemplars,
                    as: request.selection,
                    trimmed: TrimmedPurge(basis: basis, verticals: verticals),
                    change: request.change,
                    author: request.author
                )
                try await snapshots.renew()
                return outcome
            } catch {
                // Records of it came in meanwhile, and nothing was erased.
                guard error.code == .aborted, attempt < Self.purgeAttempts else { throw error }
                attempt += 1
            }
        }
    }

    private static var purgeAttempts: Int { 5 }

    /// Where replicas may hold vectors of what was removed, of which no record is left that could say so.
    private func verticalsWithTraces(of selection: PurgeSelection, _ found: PurgeFindings) -> Set<Vertical> {
        switch selection {
        case .vertical(let vertical), .origin(_, in: .some(let vertical)): return [vertical]
        case .exemplars(let ids) where found.exemplars.isSuperset(of: ids): return []
        case .exemplars, .origin(_, in: nil): return Set(log.statistics().verticals.map(\.vertical))
        }
    }

    /// Where a follower stands otherwise than the log says: it may stand before a purge, which changed what the log says.
    func differs(at place: LogSequence) async throws(SwitchboardError) -> SwitchboardError {
        if try await log.hasPurge(after: place) {
            return SwitchboardError(
                .outOfRange,
                "exemplars were erased from the log since \(place); a follower from before starts anew"
            )
        }
        return SwitchboardError(.aborted, "the follower's state at \(place) differs; start it anew")
    }
}
