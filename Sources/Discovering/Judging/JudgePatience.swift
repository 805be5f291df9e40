internal import Synchronization

/// Whether a language model is asked about the next cluster too: not after three in a row of which it said nothing, since each
/// of them has waited for it.
///
/// Any thread may use it. It asks nothing itself.
final class JudgePatience: Sendable {
    private static let most = 3

    private let unanswered = Mutex(0)

    var isOver: Bool { unanswered.withLock { $0 >= Self.most } }

    /// - Parameter isAnswered: what was asked about a cluster.
    func note(isAnswered: Bool) {
        unanswered.withLock { $0 = isAnswered ? 0 : $0 + 1 }
    }
}
