package import Core

/// All that a run is carried out with.
package struct RunTask: Sendable {
    package let id: Bits128
    package let settings: DiscoverySettings
    package let utterances: [DiscoveryUtterance]
    /// What earlier runs over the same pool proposed, as far as nobody has accepted, merged or split it.
    package let previous: [Proposal]
    package let checkpoints: any RunCheckpoints
    package let report: @Sendable (RunProgress) async -> Void
}

/// Carries a run out; called on the thread that runs compute on.
///
/// It ends with `CancellationError`, or an error of the code `.cancelled`, soon after its task was cancelled.
package typealias RunBody = @Sendable (RunTask) async throws -> RunOutcome
