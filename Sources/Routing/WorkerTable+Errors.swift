internal import Core

/// Why a call is not answered.
extension WorkerTable {
    static let lostAgain = SwitchboardError(
        .unavailable,
        "the worker that had the call went away, and before it another; a smaller request may be answered"
    )

    static let notApplied = SwitchboardError(
        .deadlineExceeded,
        "the record asked for was not applied within the deadline"
    )

    static let noneFree = SwitchboardError(
        .deadlineExceeded,
        "the deadline passed before a worker was free"
    )

    static let notAnswered = SwitchboardError(
        .deadlineExceeded,
        "the worker that has the call did not answer within the deadline"
    )

    static let tooManyEarly = SwitchboardError(
        .resourceExhausted,
        "as many calls wait for records that no worker has applied yet as may, of this client or of all; these are "
            + "\(maximumEarly), and one client has no more than places are free",
        retryAfter: .milliseconds(100)
    )

    static func wouldBeLate(_ wait: Duration) -> SwitchboardError {
        SwitchboardError(
            .resourceExhausted,
            "the call would wait \(Int(wait.milliseconds)) ms for a worker, and its deadline leaves less than that safely",
            retryAfter: wait
        )
    }

    /// - Parameter wait: how long a newcomer would wait; nil: not known.
    static func lineIsFull(_ service: String, _ priority: Priority, wait: Duration?) -> SwitchboardError {
        SwitchboardError(
            .resourceExhausted,
            "as many calls wait for a worker that serves \(service) as may wait with the priority \(priority.rawValue)",
            retryAfter: max(wait ?? .milliseconds(50), .milliseconds(10))
        )
    }

    static func noWorker(for call: PendingCall) -> SwitchboardError {
        guard call.scoringPolicy == nil else {
            return SwitchboardError(
                .unavailable,
                "no scorer is attached that has the models which the policy was fitted for",
                retryAfter: .milliseconds(200)
            )
        }
        let service = call.service
        // A role has the name of what it serves.
        let role = service.split(separator: ".").last?.lowercased() ?? service
        return SwitchboardError(
            .unavailable,
            "no worker that serves \(service) is attached; start a node with the role \(role), or see what /readyz of "
                + "those that run says",
            retryAfter: .milliseconds(200)
        )
    }
}
