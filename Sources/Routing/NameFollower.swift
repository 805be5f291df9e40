package import Calls
package import Core
package import Index
internal import Updating
package import Wire

/// A gateway's copy of the intents' names and of the keys, folded from the log without exemplars.
package actor NameFollower: LogSink {
    package nonisolated var wantsNamesOnly: Bool { true }

    private var taxonomy = Taxonomy()
    private var position: LogPosition?
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var changes = NameChanges()
    /// Grows with each start from nothing, after which a lister cannot go on.
    private var beginnings = 0
    private static let pageIntents = 500
    private var keys = KeyRegister()
    private var hasUntoldKeys = true
    private let ring: KeyRing?
    /// Where the log was when it was reached; before that the keys are not whole.
    private var reached: LogSequence?

    /// - Parameter ring: gets the log's keys, and word of each time the log was heard from; nil: somebody else sees to it.
    package init(ring: KeyRing? = nil) {
        self.ring = ring
    }

    package func state() -> (position: LogPosition?, digest: StateDigest?) { (position, nil) }

    package func reset() {
        taxonomy = Taxonomy()
        keys = KeyRegister()
        hasUntoldKeys = true
        position = nil
        changes = NameChanges()
        beginnings += 1
        wakeAll()
    }

    package func install(_ snapshot: SnapshotContainer) throws(SwitchboardError) {
        let names = try SnapshotNames(reading: snapshot)
        reset()
        taxonomy = names.taxonomy
        keys = names.keys
        position = names.position
        tellKeys()
        wakeAll()
    }

    package func begin(at head: LogPosition) {
        // An empty log has a position too, so that listing its no intents works.
        if position == nil { position = LogPosition(log: head.log, sequence: .start) }
        reached = head.sequence
        tellKeys()
    }

    package func heard(head: LogPosition?) { ring?.heard() }

    package func lostUpdater() {}

    package func apply(_ records: [LogRecord], of log: LogID) throws(SwitchboardError) {
        for record in records {
            var changed: [IntentID] = []
            switch record.fact {
            case .exemplarUpserted(let fact):
                if fact.intent == nil {
                    changed = taxonomy.name(fact.path, in: fact.vertical, at: record.sequence).created.map(\.id)
                }
            case .intentSet(let fact):
                changed = taxonomy.set(fact, at: record.sequence).map(\.id)
                if let id = taxonomy.id(of: fact.path, in: fact.vertical), !changed.contains(id) { changed.append(id) }
            case .intentRenamed(let fact): changed = taxonomy.rename(fact, at: record.sequence).intents
            case .intentsMerged(let fact): changed = taxonomy.merge(fact, at: record.sequence).intents
            case .intentRestored(let fact): changed = taxonomy.restore(fact).intents
            case .exemplarBlanked(let fact):
                guard case .upserted(let path, _) = fact.kind else { break }
                changed = taxonomy.name(path, in: fact.vertical, at: record.sequence).created.map(\.id)
            case .keySet(let fact):
                keys.apply(fact)
                hasUntoldKeys = true
            case .exemplarRemoved, .policySet, .vectorSet, .modelsSwitched, .purged: break
            }
            position = LogPosition(log: log, sequence: record.sequence)
            if !changed.isEmpty { changes.add(changed, at: record.sequence) }
        }
        tellKeys()
        wakeAll()
    }

    private func tellKeys() {
        guard hasUntoldKeys, let ring, let reached, let position, position.sequence >= reached else { return }
        hasUntoldKeys = false
        ring.set(keys)
    }

    /// Sends all intents, then, where asked for, what changes until the call ends.
    ///
    /// - Throws: `.aborted` where the reader is too slow to be told of every change, or the log is another: it has to
    ///   list anew.
    package func list(_ request: IntentsRequest, to writer: StreamWriter<IntentsResponse>) async throws {
        guard let start = position else {
            throw SwitchboardError(.unavailable, "the intents are not known yet; the updater was not reached so far")
        }
        let beginning = beginnings
        let wanted = Set(request.verticals)
        let all = taxonomy.all.filter { wanted.isEmpty || wanted.contains($0.vertical) }
        try await send(all, at: start, to: writer)
        var sent = start
        while request.thenChanges {
            try Task.checkCancellation()
            if position == sent, beginnings == beginning {
                await waitForChange()
                continue
            }
            guard let now = position, beginnings == beginning, now.log == sent.log else {
                throw SwitchboardError(.aborted, "the log was replaced; ask for all intents again")
            }
            guard let changed = changes.since(sent.sequence) else {
                throw SwitchboardError(
                    .aborted,
                    "more intents changed since record \(sent.sequence) than are remembered for a slow reader; ask for "
                        + "all intents again"
                )
            }
            let intents = changed.compactMap { taxonomy[$0] }.filter { wanted.isEmpty || wanted.contains($0.vertical) }
            if !intents.isEmpty { try await send(intents.sorted { $0.id < $1.id }, at: now, to: writer) }
            sent = now
        }
    }

    /// Sends intents in as many messages as they take; the last says that it is. No intents take one message too.
    private func send(
        _ intents: [Intent],
        at position: LogPosition,
        to writer: StreamWriter<IntentsResponse>,
    ) async throws(SwitchboardError) {
        let pages = intents.pages(atMost: Self.pageIntents) { $0.encodedBound }
        if pages.isEmpty { try await writer.send(IntentsResponse(intents: [], position: position, isComplete: true)) }
        for (number, page) in pages.enumerated() {
            let isLast = number + 1 == pages.count
            try await writer.send(IntentsResponse(intents: Array(page), position: position, isComplete: isLast))
        }
    }

    private func waitForChange() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiting.append($0) }
        } onCancel: {
            Task { await self.wakeAll() }
        }
    }

    private func wakeAll() {
        for continuation in waiting { continuation.resume() }
        waiting.removeAll()
    }
}

extension NamesChange {
    fileprivate var intents: [IntentID] { created.map(\.id) + changed.map(\.after.id) }
}
