package import Wire

/// Where a gateway tells what it answered, and how; a node makes metrics of it.
package struct RoutingEvents: Sendable {
    package var classified: @Sendable (ClassifyResponse) -> Void
    /// A call is sent to another worker than the first.
    package var repeated: @Sendable (WorkerTable.PendingCall.Repeat) -> Void

    package init(
        classified: @escaping @Sendable (ClassifyResponse) -> Void = { _ in },
        repeated: @escaping @Sendable (WorkerTable.PendingCall.Repeat) -> Void = { _ in },
    ) {
        self.classified = classified
        self.repeated = repeated
    }
}
