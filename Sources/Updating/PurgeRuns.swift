internal import Core
internal import Wire

/// Purges that are under way or have ended, by the operation ids that callers gave them: a value that decides what a
/// request gets. Held by the updater, so that it forgets with the process; a purge that is asked for anew then finds
/// nothing left.
struct PurgeRuns: Sendable {
    typealias RunID = UInt64

    /// What a request gets.
    enum Answer: Equatable {
        case answer(PurgeReceipt)
        /// It is under way.
        case wait(RunID)
        /// The caller starts it, and says `end`.
        case start(RunID)
    }

    private struct Run {
        let id: RunID
        let request: PurgeRequest
        var result: Result<PurgeReceipt, SwitchboardError>?
    }

    /// So many of those that ended last are remembered.
    static let remembered = 64

    /// The oldest first; one without a result is the last.
    private var runs: [Run] = []
    private var lastID: RunID = 0

    /// Nil: none is under way.
    var running: RunID? { runs.last.flatMap { $0.result == nil ? $0.id : nil } }

    /// - Throws: `.resourceExhausted` where another is under way; `.alreadyExists` where the operation id was used for
    ///   another request.
    mutating func ask(_ request: PurgeRequest) throws(SwitchboardError) -> Answer {
        if !request.operation.isEmpty, let run = runs.last(where: { $0.request.operation == request.operation }) {
            guard run.request == request else {
                throw SwitchboardError(
                    .alreadyExists,
                    "this operation id was given to another purge; give each its own",
                    field: "operation_id"
                )
            }
            switch run.result {
            case .some(.success(let receipt)): return .answer(receipt)
            case .none: return .wait(run.id)
            // It is tried again.
            case .some(.failure): break
            }
        }
        guard running == nil else {
            throw SwitchboardError(
                .resourceExhausted,
                "another purge is under way; one is done at a time",
                retryAfter: .seconds(5)
            )
        }
        lastID += 1
        runs.append(Run(id: lastID, request: request))
        if runs.count > Self.remembered { runs.removeFirst() }
        return .start(lastID)
    }

    /// The one that is under way has ended.
    mutating func end(with result: Result<PurgeReceipt, SwitchboardError>) {
        guard running != nil else { return }
        runs[runs.count - 1].result = result
    }

    /// Nil: it is under way, or forgotten.
    func result(of id: RunID) -> Result<PurgeReceipt, SwitchboardError>? {
        runs.last { $0.id == id }?.result
    }
}
