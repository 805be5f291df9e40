package import Core
package import Index
internal import Synchronization

/// The one writer of a replica: applies what a follower brings, on a thread of its own, and tells who waits.
///
/// Readers take `replica` and search its snapshots on their threads. After the log was replaced by another there is a new
/// replica.
package actor ReplicaWriter: LogSink {
    /// A replica's place and whether the updater is heard from.
    package struct Progress: Sendable, Equatable {
        package var position: LogPosition?
        package var isUpdaterSilent: Bool
    }

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    package nonisolated var wantsNamesOnly: Bool { false }

    private let executor: ThreadExecutor
    private let settings: IndexSettings
    private let applied: @Sendable (Duration) -> Void
    private nonisolated let current = Mutex<Replica?>(nil)
    private var target: LogPosition?
    private var hasCaughtUp = false
    private var waiting: [UInt64: (position: LogPosition?, continuation: CheckedContinuation<Void, any Error>)] = [:]
    private var lastWaiter: UInt64 = 0
    private var listeners: [UInt64: AsyncStream<Progress>.Continuation] = [:]
    private var isUpdaterSilent = false
    private var lastHeard: ContinuousClock.Instant?
    /// It stands before records that it cannot apply.
    package private(set) var isStopped = false

    /// - Parameter applied: told how long each batch took.
    package init(
        executor: ThreadExecutor,
        settings: IndexSettings = IndexSettings(),
        applied: @escaping @Sendable (Duration) -> Void = { _ in },
    ) {
        self.executor = executor
        self.settings = settings
        self.applied = applied
    }

    /// The replica as it is now; nil before the log was first heard from.
    package nonisolated var replica: Replica? { current.withLock { $0 } }

    /// Ends the replica's threads, and all waiting. The last call.
    package func shutDown() {
        replica?.shutdown()
        for listener in listeners.values { listener.finish() }
        listeners.removeAll()
        for waiter in waiting.values { waiter.continuation.resume(throwing: Self.closing) }
        waiting.removeAll()
    }

    // MARK: Following

    package func state() -> (position: LogPosition?, digest: StateDigest?) {
        let snapshot = replica?.snapshot
        return (snapshot?.position, snapshot?.digest)
    }

    package func begin(at head: LogPosition) {
        target = head
        if replica == nil { install(Replica(log: head.log, settings: settings)) }
        tell()
    }

    package func reset() {
        replica?.shutdown()
        current.withLock { $0 = nil }
        hasCaughtUp = false
    }

    package func apply(_ records: [LogRecord], of log: LogID) throws(SwitchboardError) {
        guard let replica, replica.snapshot.position.log == log else {
            throw SwitchboardError(.failedPrecondition, "these records belong to another log")
        }
        let start = ContinuousClock.now
        isStopped = true
        try replica.apply(records)
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
            if !hasCaughtUp { isNews = true }
        }
        guard isNews else { return }
        isUpdaterSilent = false
        tell()
    }

    package func lostUpdater() {
        guard !isUpdaterSilent else { return }
        isUpdaterSilent = true
        tell()
    }

    private func install(_ replica: Replica) {
        replica.start()
        current.withLock { $0 = replica }
    }

    // MARK: Waiting

    /// Returns when all that was in the log at the first contact has been applied, as far as it can be read.
    package func waitUntilCaughtUp() async throws {
        guard !hasCaughtUp else { return }
        try await wait(for: nil)
    }

    /// Returns when the position has been applied.
    ///
    /// - Throws: `.failedPrecondition` where it belongs to another log; `CancellationError` with the caller's task.
    package func waitUntilApplied(_ position: LogPosition) async throws {
        if let applied = replica?.snapshot.position {
            guard applied.log == position.log else { throw Self.otherLog(position.log) }
            if applied.sequence >= position.sequence { return }
        }
        try await wait(for: position)
    }

    /// Where the replica is, now and after each change; who is slow misses all but the last.
    package func progress() -> AsyncStream<Progress> {
        let (stream, continuation) = AsyncStream<Progress>.makeStream(bufferingPolicy: .bufferingNewest(1))
        lastWaiter += 1
        let id = lastWaiter
        listeners[id] = continuation
        continuation.onTermination = { _ in Task { await self.forget(id) } }
        continuation.yield(Progress(position: replica?.snapshot.position, isUpdaterSilent: isUpdaterSilent))
        return stream
    }

    /// Where the log was when the updater last said so; nil before it did.
    package var head: LogPosition? { target }

    /// How long ago the updater was heard from; nil before the first contact.
    package var silence: Duration? { lastHeard.map { $0.duration(to: .now) } }

    private func forget(_ listener: UInt64) { listeners[listener] = nil }

    private func wait(for position: LogPosition?) async throws {
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
        let position = replica?.snapshot.position
        if let position, let target, position.log == target.log, position.sequence >= target.sequence {
            hasCaughtUp = true
        }
        for listener in listeners.values {
            listener.yield(Progress(position: position, isUpdaterSilent: isUpdaterSilent))
        }
        for (id, waiter) in waiting {
            if let wanted = waiter.position {
                guard let position, position.log == wanted.log, position.sequence >= wanted.sequence else { continue }
            } else if !hasCaughtUp {
                continue
            }
            waiting[id] = nil
            waiter.continuation.resume()
        }
    }

    private static let closing = SwitchboardError(.unavailable, "the node is shutting down")

    private static func otherLog(_ log: LogID) -> SwitchboardError {
        SwitchboardError(.failedPrecondition, "log \(log) is not the one that is served here; forget its positions")
    }
}
