internal import Core

/// When a failed request is sent again: gRPC's rules (proposal A6), as a value.
///
/// A bucket of tokens keeps retries from adding to the load of a server that fails: each failure takes a token, each
/// success gives back a tenth, and with half of them gone nothing is sent again.
struct RetryRules: Sendable {
    static let maximumTokens = 10.0
    static let successTokens = 0.1
    /// Of one request, the first included.
    static let maximumAttempts = 4
    static let firstPause: Duration = .milliseconds(50)
    static let longestPause: Duration = .seconds(2)

    private(set) var tokens = maximumTokens

    mutating func failed() { tokens = max(0, tokens - 1) }
    mutating func succeeded() { tokens = min(Self.maximumTokens, tokens + Self.successTokens) }

    /// How long to wait before the request is sent again; nil: not again.
    ///
    /// - Parameters:
    ///   - attempt: which one failed, from 1 on.
    ///   - timeLeft: until the call's deadline.
    ///   - jitter: 0.8 to 1.2, by chance.
    func pause(after failure: EngineFailure, attempt: Int, timeLeft: Duration, jitter: Double) -> Duration? {
        guard failure.isPassing, attempt < Self.maximumAttempts, tokens > Self.maximumTokens / 2 else { return nil }
        let doubled = Self.firstPause * (1 << (attempt - 1))
        let pause = max(min(doubled, Self.longestPause) * jitter, failure.retryAfter ?? .zero)
        return pause < timeLeft ? pause : nil
    }
}
