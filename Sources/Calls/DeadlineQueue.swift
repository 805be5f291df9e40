/// Deadlines of open calls, earliest first: a binary heap from which finished calls are dropped lazily.
struct DeadlineQueue {
    private struct Entry {
        let instant: ContinuousClock.Instant
        let serial: UInt64
    }

    private var heap: [Entry] = []

    var earliest: ContinuousClock.Instant? { heap.first?.instant }

    mutating func add(_ serial: UInt64, at instant: ContinuousClock.Instant) {
        heap.append(Entry(instant: instant, serial: serial))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].instant < heap[parent].instant else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// The serial of one deadline that has come.
    mutating func popDue(now: ContinuousClock.Instant) -> UInt64? {
        guard let first = heap.first, first.instant <= now else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            siftDown()
        }
        return first.serial
    }

    /// Drops what belongs to no open call once that is most of the heap, so it stays in proportion to the open calls.
    mutating func compact(openCount: Int, isOpen: (UInt64) -> Bool) {
        guard heap.count > 64, heap.count > 4 * openCount else { return }
        let kept = heap.filter { isOpen($0.serial) }
        heap.removeAll(keepingCapacity: true)
        for entry in kept {
            add(entry.serial, at: entry.instant)
        }
    }

    private mutating func siftDown() {
        var parent = 0
        while true {
            let left = 2 * parent + 1
            guard left < heap.count else { return }
            let right = left + 1
            let child = right < heap.count && heap[right].instant < heap[left].instant ? right : left
            guard heap[child].instant < heap[parent].instant else { return }
            heap.swapAt(child, parent)
            parent = child
        }
    }
}
