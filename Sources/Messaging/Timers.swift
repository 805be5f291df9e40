/// Actions that wait for their time, earliest first. A value; the poll loop runs them.
struct Timers {
    private struct Entry {
        let instant: ContinuousClock.Instant
        let id: PollLoop.TimerID
        let action: @Sendable () -> Void
    }

    // Few at a time (one a socket owner, more or less), so a sorted array is enough.
    private var entries: [Entry] = []
    private var lastNumber: UInt64 = 0

    mutating func add(
        at instant: ContinuousClock.Instant,
        _ action: @escaping @Sendable () -> Void,
    ) -> PollLoop.TimerID {
        lastNumber += 1
        let entry = Entry(instant: instant, id: PollLoop.TimerID(number: lastNumber), action: action)
        let place = entries.firstIndex { $0.instant > instant } ?? entries.count
        entries.insert(entry, at: place)
        return entry.id
    }

    mutating func remove(_ id: PollLoop.TimerID) {
        entries.removeAll { $0.id == id }
    }

    /// Runs what is due. An action may add and remove timers: it works on the loop's state, which is read anew.
    mutating func takeDue(now: ContinuousClock.Instant) -> [@Sendable () -> Void] {
        let count = entries.firstIndex { $0.instant > now } ?? entries.count
        guard count > 0 else { return [] }
        let due = entries.prefix(count).map(\.action)
        entries.removeFirst(count)
        return due
    }

    /// As `zmq_poll` wants it: -1 where nothing waits, rounded up so that it does not spin.
    func millisecondsToNext(now: ContinuousClock.Instant) -> Int {
        guard let first = entries.first else { return -1 }
        let left = (first.instant - now).components
        guard left.seconds >= 0, left.attoseconds >= 0 else { return 0 }
        return Int(left.seconds) * 1_000 + Int((left.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
