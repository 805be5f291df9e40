package import Wire

/// Where a gateway tells what it answered, and how; a node makes metrics of it.
package struct RoutingEvents: Sendable {
    package var classified: @Sendable (ClassifyResponse) -> Void
    /// A call is sent to another worker than the first.
    package var repeated: @Sendable (WorkerTable.PendingCall.Repeat) -> Void
    /// So many unexplained utterances are in the pool, or were there already.
    package var handedOn: @Sendable (Int) -> Void
    /// So many will not come into the pool.
    package var notHandedOn: @Sendable (Int, Loss) -> Void

    /// Why an unexplained utterance does not come into the pool.
    package enum Loss: String, Sendable, CaseIterable {
        /// Too many wait: there is no clusterer, or it is slow.
        case full
        /// The clusterer does not take it.
        case refused
    }

    package init(
        classified: @escaping @Sendable (ClassifyResponse) -> Void = { _ in },
        repeated: @escaping @Sendable (WorkerTable.PendingCall.Repeat) -> Void = { _ in },
        handedOn: @escaping @Sendable (Int) -> Void = { _ in },
        notHandedOn: @escaping @Sendable (Int, Loss) -> Void = { _, _ in },
    ) {
        self.classified = classified
        self.repeated = repeated
        self.handedOn = handedOn
        self.notHandedOn = notHandedOn
    }
}
