/// A decision about a proposal, as its history keeps it.
package struct ReviewEntry: Sendable, Hashable {
    package var proposal: Bits128
    /// The same again has no second effect.
    package var operation: Bits128
    package var action: ReviewAction
    /// The name of the reviewer's key; where a node uses none, who they said they are.
    package var reviewer: String
    /// Microseconds since 1970.
    package var timeMicroseconds: Int64
    /// Of the last record that it made in the log; nil: it made none.
    package var position: LogPosition?

    package init(
        proposal: Bits128,
        operation: Bits128,
        action: ReviewAction,
        reviewer: String,
        timeMicroseconds: Int64,
        position: LogPosition? = nil,
    ) {
        self.proposal = proposal
        self.operation = operation
        self.action = action
        self.reviewer = reviewer
        self.timeMicroseconds = timeMicroseconds
        self.position = position
    }
}
