package import Core

/// Asks that exemplars be erased for good.
package struct PurgeRequest: Sendable, Equatable {
    package var selection: PurgeSelection
    /// Nothing is changed; the receipt says what would go.
    package var isDryRun: Bool
    /// Groups the calls of one purge; empty: each its own.
    package var change: [UInt8]
    package var author: String
    /// By which it can be asked about; empty: it cannot.
    package var operation: [UInt8]

    package init(
        _ selection: PurgeSelection,
        isDryRun: Bool = false,
        change: [UInt8] = [],
        author: String = "",
        operation: [UInt8] = [],
    ) {
        self.selection = selection
        self.isDryRun = isDryRun
        self.change = change
        self.author = author
        self.operation = operation
    }
}

/// What was erased, or would be.
package struct PurgeReceipt: Sendable, Equatable {
    /// Of its record; the head where there was nothing to erase, or in a dry run.
    package var position: LogPosition
    /// Exemplars that lived.
    package var removed: Int
    /// Records of the log.
    package var blanked: Int
    /// Words of feedback.
    package var feedback: Int
    /// It was too much for one operation; another call goes on.
    package var isMore: Bool
    /// Replicas that have not applied it yet.
    package var behind: [String]

    package init(
        position: LogPosition,
        removed: Int = 0,
        blanked: Int = 0,
        feedback: Int = 0,
        isMore: Bool = false,
        behind: [String] = [],
    ) {
        self.position = position
        self.removed = removed
        self.blanked = blanked
        self.feedback = feedback
        self.isMore = isMore
        self.behind = behind
    }
}
