internal import Synchronization

/// How far a backup or a restore is.
package struct CopyProgress: Sendable, Equatable {
    package enum Step: String, Sendable {
        case copying
        /// Each record against its checksum.
        case checking
        /// What was erased since the backup was made.
        case purging
    }

    package let step: Step
    /// Bytes, where it is copying.
    package let done: Int
    package let total: Int
}

/// Adds up what was copied, tells of it, and ends the work once it is no longer wanted. Used on one thread, ended from any.
final class CopyMeter: Sendable {
    private let tell: @Sendable (CopyProgress) -> Void
    private let total: Int
    private let state = Mutex((done: 0, isEnded: false))

    init(total: Int, _ tell: @escaping @Sendable (CopyProgress) -> Void) {
        self.total = total
        self.tell = tell
    }

    func end() { state.withLock { $0.isEnded = true } }

    func begin(_ step: CopyProgress.Step) {
        tell(CopyProgress(step: step, done: state.withLock { $0.done }, total: total))
    }

    /// - Throws: `CancellationError` once it was ended.
    func add(_ bytes: Int) throws {
        let (done, isEnded) = state.withLock { state in
            state.done += bytes
            return state
        }
        if isEnded { throw CancellationError() }
        tell(CopyProgress(step: .copying, done: min(done, total), total: total))
    }

    /// Runs blocking work on a thread of Dispatch's, which the cancelling of the caller's task ends.
    func running<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withTaskCancellationHandler {
            try await StoreFile.blocking(work)
        } onCancel: {
            end()
        }
    }
}
