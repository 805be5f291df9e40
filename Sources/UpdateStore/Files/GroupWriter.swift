internal import Core
internal import GRDB
internal import Synchronization

/// Commits the writes that wait together in one transaction, so that many writers share one fsync.
///
/// A write waits in a bounded queue; GRDB's writer queue (a thread of Dispatch's, never Swift's cooperative pool) takes
/// what is waiting, hands it to `commit`, and only when that has returned resumes the callers. While it is busy the
/// next group gathers, so a lone write never waits for company. It knows nothing of what is written.
final class GroupWriter<Item: Sendable, Outcome: Sendable>: Sendable {
    struct Limits: Sendable {
        var waitingItems = 1_024
        var waitingBytes = 64 << 20
        /// A group ends at the item that reaches either.
        var groupItems = 256
        var groupBytes = 8 << 20
    }

    /// Writes the items in one transaction and answers each, in order, after the commit.
    typealias Commit = @Sendable ([Item], Database) -> [Result<Outcome, SwitchboardError>]

    private struct Waiting: Sendable {
        let number: UInt64
        let item: Item
        let bytes: Int
        let continuation: CheckedContinuation<Result<Outcome, SwitchboardError>, Never>
    }

    private struct State: Sendable {
        var waiting: [Waiting] = []
        var bytes = 0
        var nextNumber: UInt64 = 0
        /// A turn on the writer queue has been asked for or is running.
        var isScheduled = false
        var isClosed = false
        var lastGroup: Duration = .milliseconds(10)
        var committed = (groups: 0, items: 0)
        var idlers: [CheckedContinuation<Void, Never>] = []
    }

    private let pool: DatabasePool
    private let limits: Limits
    private let commit: Commit
    private let committedGroup: @Sendable (_ items: Int, _ time: Duration) -> Void
    private let state = Mutex(State())

    /// - Parameter committed: told of each group, how many items it had and how long it took.
    init(
        pool: DatabasePool,
        limits: Limits = Limits(),
        committed: @escaping @Sendable (_ items: Int, _ time: Duration) -> Void = { _, _ in },
        commit: @escaping Commit,
    ) {
        self.pool = pool
        self.limits = limits
        self.commit = commit
        committedGroup = committed
    }

    /// How much waits for its turn.
    var waiting: (items: Int, bytes: Int) {
        state.withLock { ($0.waiting.count, $0.bytes) }
    }

    /// Groups that went through, and the items in them, since it was made.
    var committed: (groups: Int, items: Int) {
        state.withLock { $0.committed }
    }

    /// Returns when the item's group is on disk.
    ///
    /// - Throws: what `commit` answers; `.resourceExhausted` where too much is waiting; `.cancelled` where the task is
    ///   cancelled before the item was taken (later it is written all the same); `.unavailable` after `close`.
    func write(_ item: Item, bytes: Int) async throws(SwitchboardError) -> Outcome {
        let number = state.withLock { state in
            state.nextNumber += 1
            return state.nextNumber
        }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                enqueue(Waiting(number: number, item: item, bytes: bytes, continuation: continuation))
            }
        } onCancel: {
            withdraw(number)
        }
        return try result.get()
    }

    /// Refuses further writes and returns when those that wait have been answered.
    func close() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                state.isClosed = true
                if state.isScheduled { state.idlers.append(continuation) }
                return !state.isScheduled
            }
            if isIdle { continuation.resume() }
        }
    }

    private func enqueue(_ waiting: Waiting) {
        let isCancelled = Task.isCancelled
        let (refusal, mustSchedule): (SwitchboardError?, Bool) = state.withLock { state in
            if isCancelled { return (Self.cancelled, false) }
            if state.isClosed { return (SwitchboardError(.unavailable, "the store is closing"), false) }
            let isFull =
                state.waiting.count >= limits.waitingItems
                || (!state.waiting.isEmpty && state.bytes + waiting.bytes > limits.waitingBytes)
            if isFull {
                let groups = state.waiting.count / limits.groupItems + state.bytes / limits.groupBytes + 1
                let refusal = SwitchboardError(
                    .resourceExhausted,
                    "\(state.waiting.count) writes with \(state.bytes >> 20) MiB are waiting for the disk; "
                        + "at most \(limits.waitingItems) and \(limits.waitingBytes >> 20) MiB are accepted",
                    retryAfter: state.lastGroup * groups,
                )
                return (refusal, false)
            }
            state.waiting.append(waiting)
            state.bytes += waiting.bytes
            defer { state.isScheduled = true }
            return (nil, !state.isScheduled)
        }
        if let refusal { waiting.continuation.resume(returning: .failure(refusal)) }
        if mustSchedule { schedule() }
    }

    private func withdraw(_ number: UInt64) {
        let found = state.withLock { state -> Waiting? in
            guard let index = state.waiting.firstIndex(where: { $0.number == number }) else { return nil }
            let waiting = state.waiting.remove(at: index)
            state.bytes -= waiting.bytes
            return waiting
        }
        found?.continuation.resume(returning: .failure(Self.cancelled))
    }

    private func schedule() {
        pool.asyncWriteWithoutTransaction { db in self.commitNext(db) }
    }

    /// One turn on GRDB's writer queue.
    private func commitNext(_ db: Database) {
        let group = takeGroup()
        let started = ContinuousClock.now
        let outcomes = group.isEmpty ? [] : commit(group.map(\.item), db)
        let took = ContinuousClock.now - started
        precondition(outcomes.count == group.count, "every item of a group is answered")
        if !group.isEmpty {
            // Before anybody hears of it, so that whoever was answered finds itself counted.
            state.withLock { state in
                state.lastGroup = took
                state.committed.groups += 1
                state.committed.items += group.count
            }
        }
        for (waiting, outcome) in zip(group, outcomes) {
            waiting.continuation.resume(returning: outcome)
        }
        let (isMore, idlers) = state.withLock { state in
            state.isScheduled = !state.waiting.isEmpty
            guard !state.isScheduled else { return (true, [CheckedContinuation<Void, Never>]()) }
            defer { state.idlers = [] }
            return (false, state.idlers)
        }
        if !group.isEmpty { committedGroup(group.count, took) }
        if isMore { schedule() }
        for idler in idlers { idler.resume() }
    }

    private func takeGroup() -> [Waiting] {
        state.withLock { state in
            var count = 0
            var bytes = 0
            while count < state.waiting.count, count < limits.groupItems, bytes < limits.groupBytes {
                bytes += state.waiting[count].bytes
                count += 1
            }
            let group = Array(state.waiting[..<count])
            state.waiting.removeFirst(count)
            state.bytes -= bytes
            return group
        }
    }

    private static var cancelled: SwitchboardError {
        SwitchboardError(.cancelled, "cancelled while waiting for the store")
    }
}
