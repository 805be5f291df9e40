package import Calls
package import Core
internal import Updating
package import Wire

/// A gateway's copy of the intents' names, folded from the log without exemplars.
package actor NameFollower: LogSink {
    package nonisolated var wantsNamesOnly: Bool { true }

    private var taxonomy = Taxonomy()
    private var position: LogPosition?
    private var waiting: [CheckedContinuation<Void, Never>] = []
    /// Counts the changes, so that a lister knows whether it is up to date.
    private var changes: [(sequence: LogSequence, intents: [IntentID])] = []

    package init() {}

    package func state() -> (position: LogPosition?, digest: StateDigest?) { (position, nil) }

    package func reset() {
        taxonomy = Taxonomy()
        position = nil
    }

    package func begin(at head: LogPosition) {
        // An empty log has a position too, so that listing its no intents works.
        if position == nil { position = LogPosition(log: head.log, sequence: .start) }
    }

    package func heard(head: LogPosition?) {}

    package func lostUpdater() {}

    package func apply(_ records: [LogRecord], of log: LogID) throws(SwitchboardError) {
        for record in records {
            var changed: [IntentID] = []
            switch record.fact {
            case .exemplarUpserted(let fact):
                changed = taxonomy.name(fact.path, in: fact.vertical, at: record.sequence).created.map(\.id)
            case .intentSet(let fact):
                changed = taxonomy.set(fact, at: record.sequence).map(\.id)
                if let id = taxonomy.id(of: fact.path, in: fact.vertical), !changed.contains(id) { changed.append(id) }
            case .exemplarRemoved, .policySet: break
            }
            position = LogPosition(log: log, sequence: record.sequence)
            if !changed.isEmpty { changes.append((record.sequence, changed)) }
        }
        // Whoever lists keeps up or starts anew, so this stays small.
        if changes.count > 4_096 { changes.removeFirst(changes.count - 4_096) }
        for continuation in waiting { continuation.resume() }
        waiting.removeAll()
    }

    /// Sends all intents, then, where asked for, what changes until the call ends.
    package func list(_ request: IntentsRequest, to writer: StreamWriter<IntentsResponse>) async throws {
        guard let start = position else {
            throw SwitchboardError(.unavailable, "the intents are not known yet; the updater was not reached so far")
        }
        let wanted = Set(request.verticals)
        let all = taxonomy.all.filter { wanted.isEmpty || wanted.contains($0.vertical) }
        for first in stride(from: 0, to: max(all.count, 1), by: 500) {
            let part = Array(all.dropFirst(first).prefix(500))
            try await writer.send(
                IntentsResponse(intents: part, position: start, isComplete: first + 500 >= all.count)
            )
        }
        var sent = start
        while request.thenChanges {
            try Task.checkCancellation()
            if position == sent {
                await waitForChange()
                continue
            }
            guard let now = position, now.log == sent.log else {
                throw SwitchboardError(.aborted, "the log was replaced; ask for all intents again")
            }
            let ids = Set(changes.filter { $0.sequence > sent.sequence }.flatMap(\.intents))
            let intents = ids.compactMap { taxonomy[$0] }.filter { wanted.isEmpty || wanted.contains($0.vertical) }
            if !intents.isEmpty {
                try await writer.send(
                    IntentsResponse(intents: intents.sorted { $0.id < $1.id }, position: now, isComplete: true)
                )
            }
            sent = now
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
