internal import Core

/// Asks again while the node is busy, when it says or a moment later; live calls go first there. Other errors are the
/// caller's.
///
/// - Parameter patience: after so long a busy node is an error too.
package func patiently<Response>(
    for patience: Duration = .seconds(60),
    _ call: () async throws -> Response,
) async throws -> Response {
    let end = ContinuousClock.now + patience
    while true {
        do {
            return try await call()
        } catch let error as SwitchboardError {
            guard error.code == .resourceExhausted, ContinuousClock.now < end else { throw error }
            try await Task.sleep(for: error.retryAfter ?? .milliseconds(100))
        }
    }
}
