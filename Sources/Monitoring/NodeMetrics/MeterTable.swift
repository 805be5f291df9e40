internal import Synchronization

/// Handles by what they count, each made once.
///
/// Bounded: past the limit handles are made anew each time, and the registry's own limit gives them one series.
final class MeterTable<Key: Hashable & Sendable, Meter: Sendable>: Sendable {
    private let meters = Mutex<[Key: Meter]>([:])
    private let limit: Int
    private let make: @Sendable (Key) -> Meter

    init(limit: Int, make: @escaping @Sendable (Key) -> Meter) {
        self.limit = limit
        self.make = make
    }

    subscript(key: Key) -> Meter {
        if let meter = meters.withLock({ $0[key] }) { return meter }
        // Outside of the lock: making one takes the registry's.
        let meter = make(key)
        meters.withLock { meters in
            if meters.count < limit { meters[key] = meter }
        }
        return meter
    }
}
