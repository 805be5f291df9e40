package import Calls
package import Core
internal import Logging
internal import UpdateStore
package import Wire

/// What happened to the log, and the way back.
extension IndexUpdater {
    private static var historyPage: Int { 200 }

    /// Tells the log's operations, each in a message of its own.
    ///
    /// - Parameter access: operations that touched what is closed to it are left out; nil: none are.
    package func history(
        _ request: HistoryRequest,
        _ writer: StreamWriter<HistoryEntry>,
        _ access: KeyAccess?,
    ) async throws {
        let isLimited = access?.verticals != nil
        var left = request.limit == 0 ? Int.max : request.limit
        var query = HistoryQuery(
            after: request.after,
            vertical: request.vertical,
            change: request.change,
            isNewestFirst: request.isNewestFirst
        )
        while left > 0 {
            try Task.checkCancellation()
            query.limit = isLimited ? Self.historyPage : min(left, Self.historyPage)
            let page = try await log.history(query)
            let told = page.lazy.filter { access?.mayKnow(of: $0.verticals) ?? true }.prefix(left)
            for entry in told {
                left -= 1
                try await writer.send(
                    HistoryEntry(
                        stamp: entry.stamp,
                        first: entry.first,
                        last: entry.last,
                        counts: entry.counts,
                        verticals: Array(entry.verticals.prefix(Limits.maximumItems)),
                    ),
                    within: Self.exportPatience
                )
            }
            guard let end = page.last, page.count == query.limit else { return }
            if request.isNewestFirst { query.before = end.first } else { query.after = end.last }
        }
    }

    /// Undoes all that came after a record, by new records.
    ///
    /// - Throws: as `UpdateLog.reversal`; `.unavailable` where appends do not come to an end in time.
    package func rollback(_ request: RollbackRequest, _ context: CallContext) async throws -> AppendReply {
        try await reverse(.after(request.to, in: request.vertical), request.way, context)
    }

    /// Undoes one change by new records; what later ones touched stays.
    ///
    /// - Throws: as `rollback`.
    package func undo(_ request: UndoRequest, _ context: CallContext) async throws -> AppendReply {
        try await checkKey(undoing: request.change, context)
        return try await reverse(.change(request.change), request.way, context)
    }

    /// - Throws: `.permissionDenied` where an operation of the change did what the caller's key may not do.
    private func checkKey(undoing change: [UInt8], _ context: CallContext) async throws {
        guard let access = context.caller.access, !access.isAdmin else { return }
        var query = HistoryQuery(change: change, limit: Self.historyPage)
        while true {
            let page = try await log.history(query)
            for entry in page {
                try context.checkKey { (access) throws(SwitchboardError) in
                    try access.check(undoing: entry.counts.map(\.kind), in: entry.verticals)
                }
            }
            guard let end = page.last, page.count == query.limit else { return }
            query.after = end.last
        }
    }

    private func reverse(
        _ target: ReversalTarget,
        _ way: ReversalWay,
        _ context: CallContext,
    ) async throws -> AppendReply {
        if let refusal { throw refusal }
        let deadline = context.deadline ?? .now + .seconds(30)
        if way.isDryRun { return AppendReply(receipt: promise(of: try await log.reversal(of: target), target)) }
        guard !isReencoding else {
            throw SwitchboardError(
                .failedPrecondition,
                "the vectors are being made anew; wait for that, or interrupt it where it was started, and undo then"
            )
        }
        // Appends wait meanwhile, so that what was worked out holds until it is written.
        guard await holdAppends(until: min(deadline, .now + Self.reversalHold)) else {
            throw SwitchboardError(
                .unavailable,
                "appends that are under way did not come to an end in time, and nothing was undone; try again"
            )
        }
        defer { releaseAppends() }
        // An operation may have joined the change while appends came to an end.
        if case .change(let change) = target { try await checkKey(undoing: change, context) }
        let reversal = try await log.reversal(of: target)
        var receipt = promise(of: reversal, target)
        logger.info(
            "undoing",
            metadata: ["change": "\(receipt.changeName)", "operations": "\(reversal.operations.count)"]
        )
        for (steps, bytes) in zip(reversal.operations, reversal.bytes) {
            guard deadline > .now, !Task.isCancelled else {
                throw SwitchboardError(
                    .deadlineExceeded,
                    "the time was up half-way; what was put back is in the log up to record "
                        + "\(receipt.position.sequence), and the same again goes on from there"
                )
            }
            let part = try await log.append(
                .restore(
                    Restoration(
                        head: receipt.position.sequence,
                        trims: reversal.trims,
                        steps: steps,
                        bytes: bytes
                    )
                ),
                change: receipt.change,
                source: way.source,
                author: way.author
            )
            events.appended(part)
            receipt.operation = part.operation
            receipt.first = receipt.first ?? part.first
            receipt.position = part.position
        }
        guard way.wait == .applied else { return AppendReply(receipt: receipt) }
        return await reply(receipt, appliedUntil: min(.now + .seconds(2), deadline - .milliseconds(100)))
    }

    /// Appends may be encoding; so long they may take before an undo begins.
    private static var reversalHold: Duration { .seconds(10) }

    /// What all of it does, before the first of it is written.
    private func promise(of reversal: Reversal, _ target: ReversalTarget) -> AppendReceipt {
        let change = reversal.attempt ?? target.change(at: reversal.head)
        return AppendReceipt(
            operation: [],
            change: change,
            position: LogPosition(log: log.id, sequence: reversal.head),
            added: reversal.counts.added,
            relabelled: reversal.counts.relabelled,
            removed: reversal.counts.removed,
            renamed: reversal.counts.renamed,
            merged: reversal.counts.merged,
            described: reversal.counts.described,
            policies: reversal.counts.policies,
            left: Array(reversal.left.prefix(LeftThing.maximumListed)),
            leftCount: reversal.left.count,
        )
    }
}

extension AppendReceipt {
    fileprivate var changeName: String { String(decoding: change, as: UTF8.self) }
}
