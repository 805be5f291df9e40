package import Calls
package import Core
package import Wire

/// How decisions change the index: through its updater.
package struct IndexChanges: Sendable {
    package let append: @Sendable (AppendRequest, _ within: Duration) async throws(SwitchboardError) -> AppendReply
    package let undo: @Sendable (UndoRequest, _ within: Duration) async throws(SwitchboardError) -> AppendReply

    package init(
        append: @escaping @Sendable (AppendRequest, _ within: Duration) async throws(SwitchboardError) -> AppendReply,
        undo: @escaping @Sendable (UndoRequest, _ within: Duration) async throws(SwitchboardError) -> AppendReply,
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
