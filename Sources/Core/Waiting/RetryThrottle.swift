/// How many calls may be sent a second time: a bucket of tokens that each answered call fills a little and each extra one
/// takes a whole one from, so that repeats stay a share of all calls however slow everything is.
///
/// As gRPC throttles retries and hedges (gRFC A6, "Throttling Retry Attempts and Hedged RPCs"): nothing extra is sent
/// while the bucket is half empty or less. So of n answered calls at most `most / 2 + 1 + ratio * n` are sent twice.
package struct RetryThrottle: Sendable, Equatable {
    private let most: Double
    private let ratio: Double
    private var tokens: Double

    /// - Parameters:
    ///   - most: tokens of a full bucket, at least 2; it starts full.
    ///   - ratio: what each answered call adds: 0.05 allows 5 extra calls in 100.
    package init(most: Double = 10, ratio: Double = 0.05) {
        precondition(most >= 2 && ratio > 0, "a bucket has room, and is filled")
        self.most = most
        self.ratio = ratio
        tokens = most
    }

    /// A call was answered.
    package mutating func answered() { tokens = min(most, tokens + ratio) }

    /// Asks for one extra call.
    ///
    /// - Returns: whether it may be sent; it is paid for then.
    package mutating func takes() -> Bool {
        guard tokens > most / 2 else { return false }
        tokens -= 1
        return true
    }
}
