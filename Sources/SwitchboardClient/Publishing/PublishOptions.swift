/// How pairs are sent, and what happens to those that contradict the index.
public struct PublishOptions: Sendable {
    /// What happens to an exemplar that is there with another intent.
    public enum ConflictRule: String, Sendable, CaseIterable, Codable {
        /// It takes the new intent.
        case relabel
        /// It keeps the intent it has, and counts as unchanged.
        case keep
        /// It keeps the intent it has, and is listed as refused.
        case reject
    }

    /// What happens to an exemplar that is there with another intent.
    public var onConflict = ConflictRule.relabel
    /// Whether a path that the index does not know becomes an intent; else such a pair is refused.
    public var createsIntents = true
    /// Groups everything that is sent, for history and undo: 1 to 48 bytes. Nil: one is made.
    public var changeID: String?
    /// Which tool sends it, as history shows it.
    public var source = "client"
    /// Who sends it, as history shows it.
    public var author = ""
    /// Pairs in one batch, 1 to 1,000. A batch is applied whole.
    public var batchPairs = 100
    /// Batches that wait for their receipt at a time, 1 to 32.
    public var batchesInFlight = 4
    /// Whether `finish` waits until every replica has applied the last batch.
    public var waitsUntilApplied = true
    /// For how long a batch is sent again where the node is busy or cannot be reached, before that is an error.
    public var patience = Duration.seconds(30)

    /// All defaults.
    public init() {}
}
