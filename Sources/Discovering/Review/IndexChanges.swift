package import Calls
package import Core
package import Wire

/// How decisions change the index: through its updater.
package struct IndexChanges: Sendable {
    /// What the updater, or the way to it, answers with instead.
    package typealias Failure = SwitchboardError

    package let append: @Sendable (AppendRequest, _ within: Duration) async throws(Failure) -> AppendReply
    package let undo: @Sendable (UndoRequest, _ within: Duration) async throws(Failure) -> AppendReply

    package init(
        append: @escaping @Sendable (AppendRequest, _ within: Duration) async throws(Failure) -> AppendReply,
        undo: @escaping @Sendable (UndoRequest, _ within: Duration) async throws(Failure) -> AppendReply,
    ) {
        self.append = append
        self.undo = undo
    }

    /// - Parameter updater: the connection to it.
    package init(updater: CallChannel) {
        self.init(
            append: { (request: AppendRequest, time: Duration) async throws(SwitchboardError) -> AppendReply in
                try await updater.call(Methods.append, request, within: time)
            },
            undo: { (request: UndoRequest, time: Duration) async throws(SwitchboardError) -> AppendReply in
                try await updater.call(Methods.undo, request, within: time)
            },
        )
    }
}
