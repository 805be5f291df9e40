/// Estimates how long a run still takes from how fast it got on since it was begun or gone on with.
///
/// A value. The pace is a mean that forgets: what was seen in the last tenth of the way counts most, since stages differ
/// in speed. What goes so fast that the whole way would take less than a second was worked out before the run was ended:
/// it says nothing of what is left, and the way begins after it.
struct TimeLeft: Sendable {
    /// With less of the way there is no estimate.
    private static let leastWay = 0.02
    /// Seconds for the whole way.
    private static let leastPace = 1.0
    private static let memory = 0.1

    private var last: (fraction: Double, instant: ContinuousClock.Instant)
    private var way = 0.0
    /// Seconds for the whole way.
    private var pace: Double?

    /// - Parameter fraction: where it begins; more than 0 where it goes on after an end of the process.
    init(from fraction: Double, at now: ContinuousClock.Instant) {
        last = (fraction, now)
    }

    /// - Returns: seconds that are left; nil as long as too little was seen.
    mutating func note(_ fraction: Double, at now: ContinuousClock.Instant) -> Double? {
        let step = fraction - last.fraction
        if step > 0 {
            let seconds = last.instant.duration(to: now) / .seconds(1)
            let seen = seconds / step
            guard seen >= Self.leastPace else {
                self = TimeLeft(from: fraction, at: now)
                return nil
            }
            let weight = min(1, step / Self.memory)
            pace = pace.map { $0 + weight * (seen - $0) } ?? seen
            way += step
            last = (fraction, now)
        }
        guard way >= Self.leastWay, let pace else { return nil }
        // What has passed since the last step counts as part of the next.
        let passed = last.instant.duration(to: now) / .seconds(1)
        return max(0, pace * max(0, 1 - fraction) - passed)
    }
}
