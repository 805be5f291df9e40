internal import Core

/// What an operation does to the log and its tables, worked out before anything is written.
struct OperationPlan: Sendable {
    /// The operation's number in the log, from 1.
    let number: Int64
    let stamp: OperationStamp
    /// Consecutive; none where no command had an effect.
    var records: [LogRecord] = []
    var changes: [LedgerChange] = []
    /// Coarsest first for each path.
    var created: [Intent] = []
    /// Intents whose name changed, as they stand after it.
    var named: [IntentID: Intent] = [:]
    /// Intents of whom more is known now, and the record that says it.
    var described: [IntentID: LogSequence] = [:]
    /// Scopes whose policy changed, and the record that holds it; nil where the scope has none any more.
    var policies: [PolicyScope: LogSequence?] = [:]
    /// Keys that are new or changed, and the record that says so.
    var keys: [(key: KeySet, sequence: LogSequence)] = []
    var verticals: Set<VerticalRegister.Number> = []
    var receipt: AppendReceipt
}
