package import Wire

/// A call as its body sees it.
package struct CallContext: Sendable {
    package let method: String
    package let deadline: ContinuousClock.Instant?
    package let metadata: [Metadata]
    /// When the call arrived.
    package let arrival: ContinuousClock.Instant
    /// Who asks, where clients are to share something.
    package let client: ClientIdentity
    let serial: UInt64
    let server: CallServer
    package var caller = Caller.local

    /// Time left; nil where the call has no deadline.
    package var timeLeft: Duration? { deadline.map { $0 - .now } }

    /// Unary calls always have a deadline; a stream that asks on behalf of one gets the unary default.
    package var effectiveDeadline: ContinuousClock.Instant { deadline ?? arrival + MethodLimits.defaultUnaryTime }
}
