package import Core

/// When an append is answered.
package enum Wait: Sendable, Hashable, CaseIterable {
    /// As soon as it is on disk.
    case durable
    /// When every replica that follows has it, or after the wait limit.
    case applied
}

/// One operation for the log, and when its writer wants to hear of it.
package struct AppendRequest: Sendable, Equatable {
    package var batch: AppendBatch
    package var wait: Wait
    /// Nil: 2 s.
    package var waitLimit: Duration?
    /// Nothing is appended; the receipt says what would be.
    package var isDryRun: Bool

    package init(batch: AppendBatch, wait: Wait = .durable, waitLimit: Duration? = nil, isDryRun: Bool = false) {
        self.batch = batch
        self.wait = wait
        self.waitLimit = waitLimit
        self.isDryRun = isDryRun
    }
}

/// The receipt and who has applied it; `switchboard.v1.AppendReceipt` on the wire.
package struct AppendReply: Sendable, Equatable {
    package var receipt: AppendReceipt
    /// With `Wait.applied`: how many followers have it.
    package var appliedBy: Int
    /// With `Wait.applied`: the followers that do not have it yet.
    package var behind: [String]
    /// With `Wait.applied`: the time from the moment it was on disk until the last follower had told that it has it.
    /// Nil where one is behind, and where none follows.
    package var appliedAfter: Duration?

    package init(
        receipt: AppendReceipt,
        appliedBy: Int = 0,
        behind: [String] = [],
        appliedAfter: Duration? = nil,
    ) {
        self.receipt = receipt
        self.appliedBy = appliedBy
        self.behind = behind
        self.appliedAfter = appliedAfter
    }
}
