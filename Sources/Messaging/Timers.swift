/// Actions that wait for their time, earliest first: a binary heap, in which what was cancelled stays until it is first
/// or there is more of it than of the rest. A value; the poll loop runs them.
///
/// Each open call has one, most are cancelled long before their time, and that costs little.
struct Timers {
    private struct Entry {
        let instant: ContinuousClock.Instant
        let number: UInt64

        /// Of one instant in the order in which they were added.
        func isBefore(_ other: Entry) -> Bool {
            instant == other.instant ? number < other.number : instant < other.instant
        }
    }

    /// The first is not cancelled.
    private var heap: [Entry] = []
    /// Of the timers that are not cancelled.
    private var actions: [UInt64: @Sendable () -> Void] = [:]
    private var lastNumber: UInt64 = 0

    mutating func add(
        at instant: ContinuousClock.Instant,
        _ action: @escaping @Sendable () -> Void,
    ) -> PollLoop.TimerID {
        lastNumber += 1
        actions[lastNumber] = action
        push(Entry(instant: instant, number: lastNumber))
        return PollLoop.TimerID(number: lastNumber)
    }

    mutating func remove(_ id: PollLoop.TimerID) {
        guard actions.removeValue(forKey: id.number) != nil else { return }
        if heap.count > 64, heap.count > 2 * actions.count {
            dropCancelled()
        } else {
            dropCancelledFirst()
        }
    }

    /// The first action that is due. To be run before the next is asked for, as it may add and cancel timers.
    mutating func takeDue(now: ContinuousClock.Instant) -> (@Sendable () -> Void)? {
        guard let first = heap.first, first.instant <= now else { return nil }
        popFirst()
        let action = actions.removeValue(forKey: first.number)
        dropCancelledFirst()
        return action
    }

    /// As `zmq_poll` wants it: -1 where nothing waits, rounded up so that it does not spin.
    func millisecondsToNext(now: ContinuousClock.Instant) -> Int {
        guard let first = heap.first else { return -1 }
        let left = (first.instant - now).components
        guard left.seconds >= 0, left.attoseconds >= 0 else { return 0 }
        return Int(left.seconds) * 1_000 + Int((left.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }

    // MARK: The heap

    /// How many it holds, with those that were cancelled.
    var heldCount: Int { heap.count }

    private mutating func dropCancelledFirst() {
        while let first = heap.first, actions[first.number] == nil { popFirst() }
    }

    private mutating func dropCancelled() {
        let all = heap
        heap.removeAll(keepingCapacity: true)
        for entry in all where actions[entry.number] != nil { push(entry) }
    }

    private mutating func push(_ entry: Entry) {
        heap.append(entry)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].isBefore(heap[parent]) else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func popFirst() {
        let last = heap.removeLast()
        guard !heap.isEmpty else { return }
        heap[0] = last
        var parent = 0
        while true {
            let left = 2 * parent + 1
            guard left < heap.count else { return }
            let right = left + 1
            let child = right < heap.count && heap[right].isBefore(heap[left]) ? right : left
            guard heap[child].isBefore(heap[parent]) else { return }
            heap.swapAt(child, parent)
            parent = child
        }
    }
}
