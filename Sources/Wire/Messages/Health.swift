/// Whether a service would answer a call now.
package enum ServingStatus: String, Sendable, Hashable, CaseIterable {
    case serving
    case notServing
}

/// Asks whether a service would answer.
package struct HealthRequest: Sendable, Equatable {
    /// Such as `switchboard.v1.Router`; empty: the node.
    package var service: String

    package init(service: String = "") {
        self.service = service
    }
}

/// Whether a service would answer, and why not.
package struct HealthResponse: Sendable, Equatable {
    package var status: ServingStatus
    /// Why not; empty while it serves.
    package var reason: String

    package init(status: ServingStatus, reason: String = "") {
        self.status = status
        self.reason = reason
    }
}
