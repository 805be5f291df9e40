package import Wire

/// Where a gateway tells what it answered; a node makes metrics of it.
package struct RoutingEvents: Sendable {
    package var classified: @Sendable (ClassifyResponse) -> Void

    package init(classified: @escaping @Sendable (ClassifyResponse) -> Void = { _ in }) {
        self.classified = classified
    }
}
