package import Core

/// Where calls tell what becomes of them; a node makes metrics of it.
package struct CallEvents: Sendable {
    /// Method, how it ended, and how long it took.
    package var finished: @Sendable (String, StatusCode, Duration) -> Void
    /// Input that was refused, by reason: one of a few words, or `bad_` and the name of the field that was wrong.
    package var refused: @Sendable (String) -> Void

    /// What was refused for want of a right, and what an admin does.
    package var audited: @Sendable (AuditedAct) -> Void

    package init(
        finished: @escaping @Sendable (String, StatusCode, Duration) -> Void = { _, _, _ in },
        refused: @escaping @Sendable (String) -> Void = { _ in },
        audited: @escaping @Sendable (AuditedAct) -> Void = { _ in },
    ) {
        self.finished = finished
        self.refused = refused
        self.audited = audited
    }
}
