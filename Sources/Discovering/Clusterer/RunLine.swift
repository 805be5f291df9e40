internal import Core

/// Which run has its turn, and which wait: one at a time, the others in the order in which they came, no more than so
/// many.
///
/// A value; whoever carries runs out takes the next one when the last has ended.
struct RunLine: Sendable {
    static let usualMaximum = 8

    let maximumWaiting: Int
    private(set) var current: Bits128?
    private(set) var waiting: [Bits128] = []

    init(maximumWaiting: Int = RunLine.usualMaximum) {
        self.maximumWaiting = maximumWaiting
    }

    /// - Throws: `.resourceExhausted` where too many wait.
    mutating func enter(_ run: Bits128) throws(SwitchboardError) {
        guard waiting.count < maximumWaiting else {
            throw SwitchboardError(
                .resourceExhausted,
                "\(waiting.count) runs wait for their turn, which is the most; cancel one, or start this one later",
                retryAfter: .seconds(60)
            )
        }
        waiting.append(run)
    }

    /// One that was under way or waited when the process ended: it goes on, however many there are.
    mutating func resume(_ run: Bits128) {
        waiting.append(run)
    }

    /// - Returns: nil where one is under way, or none waits.
    mutating func next() -> Bits128? {
        guard current == nil, !waiting.isEmpty else { return nil }
        current = waiting.removeFirst()
        return current
    }

    mutating func end(_ run: Bits128) {
        if current == run { current = nil }
    }

    /// - Returns: whether it waited.
    mutating func leave(_ run: Bits128) -> Bool {
        guard let place = waiting.firstIndex(of: run) else { return false }
        waiting.remove(at: place)
        return true
    }
}
