package import Core

/// Where an updater tells what it did; a node makes metrics of it.
package struct UpdatingEvents: Sendable {
    package var appended: @Sendable (AppendReceipt) -> Void
    package var stored: @Sendable (Feedback) -> Void
    /// One that has more than the log was turned away.
    package var followerAhead: @Sendable () -> Void

    package init(
        appended: @escaping @Sendable (AppendReceipt) -> Void = { _ in },
        stored: @escaping @Sendable (Feedback) -> Void = { _ in },
        followerAhead: @escaping @Sendable () -> Void = {},
    ) {
        self.appended = appended
        self.stored = stored
        self.followerAhead = followerAhead
    }
}
