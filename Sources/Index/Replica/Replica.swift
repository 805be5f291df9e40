package import Core
internal import Synchronization

/// A whole index that follows a log: one writer applies its records, any number of readers take snapshots.
///
/// What a snapshot shows is whole batches, as one `apply` brought them. Readers never wait for the writer: both hold
/// the lock only to exchange a reference. From `start()` to `shutdown()` the replica has two threads of its own. One builds
/// graphs, which `buildGraphs()` does too; until they are there, search is exact. The other computes factors for class
/// evidence before the writer needs them. The replica does no input or output, but that vectors of a snapshot are read
/// where its file is mapped.
package final class Replica: Sendable {
    private struct Published {
        var snapshot: ReplicaSnapshot
        /// Graphs that came in while the writer was at work on a copy that lacks them; nil while it is not at work.
        var built: [BuiltGraph]?
    }

    private let published: SignalledMutex<Published>
    private let isApplying = Atomic(false)
    let construction = GraphConstruction()
    let factors = FactorConstruction()

    /// An empty index, before the first record of a log.
    package convenience init(log: LogID, settings: IndexSettings = IndexSettings()) {
        self.init(ReplicaState(log: log, settings: settings))
    }

    init(_ state: ReplicaState) {
        published = SignalledMutex(Published(snapshot: ReplicaSnapshot(state)))
    }

    /// The index as it stands. Any thread.
    package var snapshot: ReplicaSnapshot { published.withLock { $0.snapshot } }

    /// Applies whole batches, whose records follow without a gap on those applied before; all of them become visible at
    /// once. One writer at a time, on a thread where a few microseconds a record may be spent.
    ///
    /// - Throws: `.failedPrecondition` for a record that was applied before or comes too early, `.invalidArgument` for
    ///   one without its text or with a vector of another length. Nothing of the records is applied then.
    package func apply(_ records: [LogRecord]) throws(SwitchboardError) {
        guard !records.isEmpty else { return }
        let wasApplying = isApplying.exchange(true, ordering: .acquiring)
        precondition(!wasApplying, "a replica has one writer")
        defer { isApplying.store(false, ordering: .releasing) }

        var next = published.withLock { published in
            published.built = []
            return published.snapshot.state
        }
        do {
            try next.apply(records)
        } catch {
            published.withLock { $0.built = nil }
            throw error
        }
        let ahead = next.generations.flatMap { $0.verticals.flatMap(\.classes.factorsAhead) }
        publish { published in
            for graph in published.built ?? [] { next.install(graph) }
            published.built = nil
            return next
        }
        construction.wake()
        factors.add(ahead)
    }

    /// Builds on the calling thread every graph that is due; for tools and tests that have no thread started.
    package func buildGraphs() {
        while buildNextGraph(isAbandoned: { false }) {}
    }

    /// - Returns: false where no graph is due.
    func buildNextGraph(isAbandoned: () -> Bool) -> Bool {
        let state = snapshot.state
        guard let order = state.nextGraph() else { return false }
        if let graph = order.build(state.settings, isAbandoned: isAbandoned) {
            publish { published in
                published.built?.append(graph)
                var next = published.snapshot.state
                next.install(graph)
                return next
            }
        }
        return true
    }

    /// Exchanges the snapshot; the old one is let go of outside the lock, as that may free much.
    private func publish(_ change: (inout Published) -> ReplicaState) {
        let old = published.withLock { published in
            let next = ReplicaSnapshot(change(&published))
            defer { published.snapshot = next }
            return published.snapshot
        }
        withExtendedLifetime(old) {}
    }
}
