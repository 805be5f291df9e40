internal import Core

/// How many lines of one kind the audit log takes: a few hundred at once, then some a second, so that whoever is refused again and
/// again does not fill the disk. What is left out is counted and told with the next line.
struct AuditRate {
    static let burst = 200.0
    static let perSecond = 20.0

    private var room = Self.burst
    private var last: ContinuousClock.Instant?
    private var leftOut = 0

    /// - Returns: how many were left out before this one; nil where this one is left out too.
    mutating func take(at now: ContinuousClock.Instant) -> Int? {
        if let last { room = min(Self.burst, room + last.duration(to: now).seconds * Self.perSecond) }
        last = now
        guard room >= 1 else {
            leftOut += 1
            return nil
        }
        room -= 1
        defer { leftOut = 0 }
        return leftOut
    }
}
