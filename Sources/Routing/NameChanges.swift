internal import Core

/// Which intents the newest records changed, so that who has listed them all can be told what is new.
///
/// Bounded: the oldest changes are forgotten, and whoever has not been told of them by then has to list anew.
struct NameChanges {
    /// So many records at least are known.
    static let kept = 4_096

    private var entries: [(sequence: LogSequence, intents: [IntentID])] = []
    /// Of the newest record that is no longer known.
    private var forgotten = LogSequence.start

    mutating func add(_ intents: [IntentID], at sequence: LogSequence) {
        entries.append((sequence, intents))
        guard entries.count > 2 * Self.kept else { return }
        let excess = entries.count - Self.kept
        forgotten = entries[excess - 1].sequence
        entries.removeFirst(excess)
    }

    /// The intents that records after a place changed, each once.
    ///
    /// - Returns: nil where some of those records are no longer known.
    func since(_ sequence: LogSequence) -> Set<IntentID>? {
        guard sequence >= forgotten else { return nil }
        return Set(entries.filter { $0.sequence > sequence }.flatMap(\.intents))
    }
}
