/// Whether a server counts as away, by the share of its latest requests that failed, as a value.
///
/// gRPC's outlier detection by failure percentage (proposal A50), with its share: a few that came too late among many that
/// were answered take nobody's server away, and one success among failures does not keep a broken one.
struct FailureWindow: Sendable {
    /// From so many on something is said of the server.
    static let leastOutcomes = 10
    static let failedShare = 0.85
    /// Older outcomes say nothing, as long as there are enough without them.
    static let length: Duration = .seconds(30)
    static let maximumOutcomes = 100

    /// Oldest first.
    private var outcomes: [(instant: ContinuousClock.Instant, isFailure: Bool)] = []

    mutating func note(isFailure: Bool, at now: ContinuousClock.Instant = .now) {
        outcomes.append((now, isFailure))
        while let oldest = outcomes.first,
            outcomes.count > Self.maximumOutcomes
                || outcomes.count > Self.leastOutcomes && oldest.instant.duration(to: now) > Self.length
        {
            outcomes.removeFirst()
        }
    }

    var isAway: Bool {
        let failed = outcomes.count { $0.isFailure }
        return outcomes.count >= Self.leastOutcomes && Double(failed) >= Self.failedShare * Double(outcomes.count)
    }
}
