internal import Core
internal import Synchronization

/// What the log's writer shows to everybody else: the state at the head, the operations committed last, damage found.
///
/// Reads and changes take a lock for a moment; nothing waits under it.
final class LogBoard: Sendable {
    private struct Contents: Sendable {
        var state: LogState
        var recent: RecentOperations
        var condition: LogCondition
        /// Why nothing is appended although all can be read.
        var stop: SwitchboardError?
        /// Trims that are under way.
        var trimming = 0
        var watchers: [UInt64: AsyncStream<LogHead>.Continuation] = [:]
        var nextWatcher: UInt64 = 0
    }

    private let log: LogID
    private let epoch: UInt64
    private let contents: Mutex<Contents>

    init(log: LogID, epoch: UInt64, state: LogState, recentBytes: Int) {
        self.log = log
        self.epoch = epoch
        contents = Mutex(
            Contents(state: state, recent: RecentOperations(maximumBytes: recentBytes), condition: .whole)
        )
    }

    var state: LogState { contents.withLock { $0.state } }
    var condition: LogCondition { contents.withLock { $0.condition } }

    var head: LogHead { contents.withLock { head(of: $0.state) } }

    /// Why the log takes no appends; nil where it does.
    var refusal: SwitchboardError? {
        guard case .damaged(let record, _) = condition else { return stop }
        return .damaged(at: record)
    }

    /// Why nothing is appended although all can be read; nil: that is not so.
    var stop: SwitchboardError? { contents.withLock { $0.stop } }

    /// Nothing is appended from now on, until the log is opened anew. Of several reasons the first counts.
    func stop(because reason: SwitchboardError) {
        contents.withLock { if $0.stop == nil { $0.stop = reason } }
    }

    /// The latest head after each commit; a slow watcher misses all but the last.
    func heads() -> AsyncStream<LogHead> {
        let (stream, continuation) = AsyncStream.makeStream(of: LogHead.self, bufferingPolicy: .bufferingNewest(1))
        let number = contents.withLock { contents in
            contents.nextWatcher += 1
            contents.watchers[contents.nextWatcher] = continuation
            return contents.nextWatcher
        }
        continuation.onTermination = { [weak self] _ in self?.forget(number) }
        return stream
    }

    private func forget(_ watcher: UInt64) {
        contents.withLock { contents in
            contents.watchers[watcher] = nil
        }
    }

    func recent(after place: LogSequence, limit: ReadLimit) -> [CommittedOperation]? {
        contents.withLock { $0.recent.operations(after: place, limit: limit) }
    }

    /// Called by the writer alone, after a commit, so watchers hear of heads in order.
    func publish(_ state: LogState, _ committed: [CommittedOperation]) {
        let watchers = contents.withLock { contents -> [AsyncStream<LogHead>.Continuation] in
            contents.state = state
            contents.recent.append(committed)
            return committed.isEmpty ? [] : Array(contents.watchers.values)
        }
        let head = head(of: state)
        for watcher in watchers { watcher.yield(head) }
    }

    /// The same after a purge: what was committed before is no longer as it was, and is read from the file again.
    func publish(_ state: LogState, purge: CommittedOperation) {
        contents.withLock { $0.recent.removeAll() }
        publish(state, [purge])
    }

    /// Whether records are being deleted.
    var isBeingTrimmed: Bool { contents.withLock { $0.trimming > 0 } }

    /// Said before anything else of a trim, and `endTrim` after all.
    func beginTrim() { contents.withLock { $0.trimming += 1 } }

    func endTrim() { contents.withLock { $0.trimming -= 1 } }

    /// The log was trimmed, and records are deleted from now on. On the writer's queue, as commits are.
    func begin(at first: LogSequence) {
        contents.withLock {
            $0.state.first = max($0.state.first, first)
            $0.state.trims += 1
        }
    }

    /// Notes damage; of several places the first counts.
    ///
    /// - Parameter readableTo: the end of the operation before it; nil: not known yet, so all before the record.
    func mark(damaged record: LogSequence, readableTo: LogSequence?) {
        contents.withLock { contents in
            if case .damaged(let known, _) = contents.condition, known <= record { return }
            // A damaged row may point to record 0, which nobody has written.
            let end = readableTo ?? record.previous
            contents.condition = .damaged(at: record, readableTo: end)
        }
    }

    /// Ends the streams of heads.
    func close() {
        let watchers = contents.withLock { contents in
            defer { contents.watchers = [:] }
            return Array(contents.watchers.values)
        }
        for watcher in watchers { watcher.finish() }
    }

    private func head(of state: LogState) -> LogHead {
        LogHead(position: LogPosition(log: log, sequence: state.head), epoch: epoch, digest: state.digest)
    }
}
