package import Core

/// Where calls tell what becomes of them; a node makes metrics of it.
package struct CallEvents: Sendable {
    /// Method, how it ended, and how long it took.
    package var finished: @Sendable (String, StatusCode, Duration) -> Void
    /// Input that was refused before it became a call, by reason: a short constant word.
    package var refused: @Sendable (StaticString) -> Void

    package init(
        finished: @escaping @Sendable (String, StatusCode, Duration) -> Void = { _, _, _ in },
        refused: @escaping @Sendable (StaticString) -> Void = { _ in },
    ) {
        self.finished = finished
        self.refused = refused
    }
}
