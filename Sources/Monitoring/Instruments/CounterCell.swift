internal import CoreMetrics
internal import Synchronization

/// A number that only grows. Whole amounts cost one atomic addition.
///
/// Amounts below zero and amounts that are no number are left out: a counter that falls would read as a restart.
final class CounterCell: Instrument, CounterHandler, FloatingPointCounterHandler {
    let id: SeriesID
    private let whole = Atomic<UInt64>(0)
    private let fractional = Atomic<Double>(0)

    init(_ id: SeriesID) {
        self.id = id
    }

    func increment(by amount: Int64) {
        guard amount > 0 else { return }
        whole.wrappingAdd(UInt64(amount), ordering: .relaxed)
    }

    func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        fractional.add(amount)
    }

    func reset() {
        whole.store(0, ordering: .relaxed)
        fractional.store(0, ordering: .relaxed)
    }

    var reading: MetricSample.Value {
        .counter(Double(whole.load(ordering: .relaxed)) + fractional.load(ordering: .relaxed))
    }
}

extension Atomic<Double> {
    /// There is no instruction for it, so it is tried until nobody came in between.
    func add(_ amount: Double) {
        var seen = load(ordering: .relaxed)
        while true {
            let (isDone, now) = weakCompareExchange(expected: seen, desired: seen + amount, ordering: .relaxed)
            if isDone { return }
            seen = now
        }
    }
}
