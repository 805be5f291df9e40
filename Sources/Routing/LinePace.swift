internal import Core

/// How fast a line moves, from the times between those who leave it while others wait; so how long a newcomer would wait.
struct LinePace: Sendable {
    /// What was seen longer ago says nothing about now.
    private static let memory = Duration.seconds(10)

    /// Mean seconds between two, of the last dozen or so.
    private var interval: Double?
    /// When one left last, or the first came, while somebody waits.
    private var since: ContinuousClock.Instant?
    private var seenAt: ContinuousClock.Instant?

    /// The line was empty, and one has come.
    mutating func began(at now: ContinuousClock.Instant) { since = now }

    /// So many left for a worker.
    mutating func left(_ count: Int, at now: ContinuousClock.Instant) {
        guard count > 0 else { return }
        if let since {
            let each = since.duration(to: now).seconds / Double(count)
            if let interval, isKnown(at: now) {
                self.interval = interval + (each - interval) * 0.1
            } else {
                interval = each
            }
            seenAt = now
        }
        since = now
    }

    /// How long one waits behind so many; nil where nothing is known.
    func wait(behind count: Int, at now: ContinuousClock.Instant) -> Duration? {
        guard let interval, isKnown(at: now) else { return nil }
        return .seconds(interval * Double(count + 1))
    }

    private func isKnown(at now: ContinuousClock.Instant) -> Bool {
        seenAt.map { $0.duration(to: now) < Self.memory } ?? false
    }
}
