package import Core
package import Index
internal import Synchronization

/// The one writer of a replica: applies what a follower brings, on a thread of its own, and tells who waits.
///
/// Readers take `replica` and search its snapshots on their threads. They get a replica once it has caught up with the
/// log. Where a new one is to be filled, since the log was replaced by another or the replica was found to differ, they
/// go on with the old one until then: both take memory meanwhile.
package actor ReplicaWriter: LogSink {
    /// How things stand for readers.
    package struct Progress: Sendable, Equatable {
        /// Of the replica that is read; nil before the first has caught up.
        package var position: LogPosition?
        /// Another one is being filled, to take its place.
        package var isStartingAnew: Bool
        package var isUpdaterSilent: Bool
        /// By which vectors are being made, as the updater says; nil: models are not being changed.
        package var nextEncoder: ModelID?
    }

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    package nonisolated var wantsNamesOnly: Bool { false }
    /// Told after each batch.
    package nonisolated let progress = CurrentValue(
        Progress(position: nil, isStartingAnew: false, isUpdaterSilent: false)
    )

    private let executor: ThreadExecutor
    private let settings: IndexSettings
    private let applied: @Sendable (Duration) -> Void
    private let loadedEncoders: @Sendable () -> [ModelID]
    /// The one that is read.
    private nonisolated let current = Mutex<Replica?>(nil)
    /// The one that records go to: the one that is read, or the next; nil before the log is reached.
    private var filling: Replica?
    private var target: LogPosition?
    private var waiting: [UInt64: (position: LogPosition, continuation: CheckedContinuation<Void, any Error>)] = [:]
    private var lastWaiter: UInt64 = 0
    private var isUpdaterSilent = false
    private var nextEncoder: ModelID?
    private var lastHeard: ContinuousClock.Instant?
    /// It stands before records that it cannot apply.
    package private(set) var isStopped = false
    /// How often a replica was found to differ from the log.
    package private(set) var timesDiscarded = 0

    /// - Parameters:
    ///   - encoders: those with which queries can be encoded here.
    ///   - applied: told how long each batch took.
    package init(
        executor: ThreadExecutor,
        settings: IndexSettings = IndexSettings(),
        encoders: @escaping @Sendable () -> [ModelID] = { [] },
        applied: @escaping @Sendable (Duration) -> Void = { _ in },
    ) {
        self.executor = executor
        self.settings = settings
        loadedEncoders = encoders
        self.applied = applied
    }

    package nonisolated var encoders: [ModelID] { loadedEncoders() }
    package nonisolated var graphsDue: Int { replica?.snapshot.nextGraphsDue ?? 0 }

    /// The replica that is read; nil before the first has caught up with the log.
    package nonisolated var replica: Replica? { current.withLock { $0 } }

    /// Ends the replicas' threads, and all waiting. The last call.
    package func shutDown() {
        replica?.shutdown()
        filling?.shutdown()
        progress.finish()
        for waiter in waiting.values { waiter.continuation.resume(throwing: Self.closing) }
        waiting.removeAll()
    }

    // MARK: Following

    package func state() -> (position: LogPosition?, digest: StateDigest?) {
        let snapshot = filling?.snapshot
        return (snapshot?.position, snapshot?.digest)
    }

    package func begin(at head: LogPosition) {
        target = head
        if filling == nil {
            let replica = Replica(log: head.log, settings: settings)
            replica.start()
            filling = replica
        }
        tell()
    }

    package func reset() {
        // The graphs that it has stay in use as long as it is read.
        filling?.shutdown()
        filling = nil
        isStopped = false
        tell()
    }

    /// It was found to differ from the log.
    package func discard() {
        timesDiscarded += 1
        reset()
    }

    package func install(_ snapshot: SnapshotContainer) throws(SwitchboardError) {
        let replica = try Replica(restoring: snapshot, settings: settings)
        replica.start()
        reset()
        filling = replica
        tell()
    }

    package func cannotRead() { isStopped = true }

    package func apply(_ records: [LogRecord], of log: LogID) throws(SwitchboardError) {
        guard let filling, filling.snapshot.position.log == log else {
            throw SwitchboardError(.failedPrecondition, "these records belong to another log")
        }
        let start = ContinuousClock.now
        isStopped = true
        try filling.apply(records)
        isStopped = false
        applied(start.duration(to: .now))
        tell()
    }

    package func heard(head: LogPosition?) {
        lastHeard = .now
        var isNews = isUpdaterSilent
        if let head, head.log == target?.log, head != target {
            target = head
            // The updater may have found that the log can be read less far than it had said.
            if filling !== replica { isNews = true }
        }
        guard isNews else { return }
        isUpdaterSilent = false
        tell()
    }

    package func prepare(for encoder: ModelID?) {
        nextEncoder = encoder
        tell()
    }

    package func lostUpdater() {
        guard !isUpdaterSilent else { return }
        isUpdaterSilent = true
        tell()
    }

    // MARK: Waiting

    /// Returns when the position has been applied to the replica that is read.
    ///
    /// - Throws: `.failedPrecondition` where it belongs to another log; `CancellationError` with the caller's task.
    package func waitUntilApplied(_ position: LogPosition) async throws {
        if replica?.snapshot.position.reaches(position) == true { return }
        if let filling, filling.snapshot.position.log != position.log { throw SwitchboardError.otherLog(position.log) }
        try await wait(for: position)
    }

    /// Where the log was when the updater last said so; nil before it did.
    package var head: LogPosition? { target }

    /// How long ago the updater was heard from; nil before the first contact.
    package var silence: Duration? { lastHeard.map { $0.duration(to: .now) } }

    private func wait(for position: LogPosition) async throws {
        lastWaiter += 1
        let id = lastWaiter
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                waiting[id] = (position, continuation)
                if Task.isCancelled { cancelWait(id) }
            }
        } onCancel: {
            Task { await self.cancelWait(id) }
        }
    }

    private func cancelWait(_ id: UInt64) {
        waiting.removeValue(forKey: id)?.continuation.resume(throwing: CancellationError())
    }

    private func tell() {
        let filled = filling?.snapshot.position
        if let filling, let filled, let target, filled.reaches(target) {
            // Let go of outside the lock, as that may free much.
            let old = current.withLock { current in
                defer { current = filling }
                return current
            }
            withExtendedLifetime(old) {}
        }
        let replica = replica
        let position = replica?.snapshot.position
        progress.set(
            Progress(
                position: position,
                isStartingAnew: replica != nil && replica !== filling,
                isUpdaterSilent: isUpdaterSilent,
                nextEncoder: nextEncoder
            )
        )
        for (id, waiter) in waiting {
            if position?.reaches(waiter.position) == true {
                waiting[id] = nil
                waiter.continuation.resume()
            } else if let filled, filled.log != waiter.position.log {
                waiting[id] = nil
                waiter.continuation.resume(throwing: SwitchboardError.otherLog(waiter.position.log))
            }
        }
    }

    private static let closing = SwitchboardError(.unavailable, "the node is shutting down")
}
