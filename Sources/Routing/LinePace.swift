internal import Core
internal import Foundation

/// How fast a line moves, from the times between those who leave it while others wait; so how long a newcomer would wait.
struct LinePace: Sendable {
    /// What was seen longer ago says nothing about now.
    private static let memory = Duration.seconds(10)
    /// Seconds of waiting after which what was seen counts by 1/e. Workers take and answer in batches, so that many leave at
    /// once and then nobody: several batches have to be in it.
    private static let fading = 2.0

    /// How many left and the seconds that they took, both faded alike.
    private var left = 0.0
    private var seconds = 0.0
    /// When one left last, or the first came, while somebody waits.
    private var since: ContinuousClock.Instant?
    private var seenAt: ContinuousClock.Instant?

    /// The line was empty, and one has come.
    mutating func began(at now: ContinuousClock.Instant) { since = now }

    /// So many left for a worker.
    mutating func left(_ count: Int, at now: ContinuousClock.Instant) {
        guard count > 0 else { return }
        if let since {
            let passed = since.duration(to: now).seconds
            let kept = isKnown(at: now) ? exp(-passed / Self.fading) : 0
            left = left * kept + Double(count)
            seconds = seconds * kept + passed
            seenAt = now
        }
        since = now
    }

    /// How long one waits behind so many; nil where nothing is known.
    func wait(behind count: Int, at now: ContinuousClock.Instant) -> Duration? {
        guard left > 0, isKnown(at: now) else { return nil }
        return .seconds(seconds / left * Double(count + 1))
    }

    private func isKnown(at now: ContinuousClock.Instant) -> Bool {
        seenAt.map { $0.duration(to: now) < Self.memory } ?? false
    }
}
