internal import CoreMetrics
internal import Synchronization

/// How a figure is spread over fixed buckets: timers (in seconds) and aggregating recorders of swift-metrics.
///
/// An observation is one atomic addition to its bucket and one to the sum. A reading's count is the sum of its buckets,
/// so the two always agree; the sum may lack an observation that is being made.
final class HistogramCell: Instrument, RecorderHandler, TimerHandler {
    /// A class, because an array cannot hold atomics themselves.
    private final class Bucket: Sendable {
        let count = Atomic<UInt64>(0)
    }

    let id: SeriesID
    private let bounds: [Double]
    private let buckets: [Bucket]
    /// Times are added up as whole nanoseconds, which is exact and one instruction.
    private let nanoseconds = Atomic<UInt64>(0)
    private let sum = Atomic<Double>(0)

    init(_ id: SeriesID, bounds: [Double]) {
        self.id = id
        self.bounds = bounds
        buckets = (0...bounds.count).map { _ in Bucket() }
    }

    /// A time below zero, which a clock that is set back can give, counts as none.
    func recordNanoseconds(_ duration: Int64) {
        let duration = max(0, duration)
        count(Double(duration) / 1e9)
        nanoseconds.wrappingAdd(UInt64(duration), ordering: .relaxed)
    }

    func record(_ value: Int64) {
        record(Double(value))
    }

    /// What is no finite number is left out: it would spoil the sum for good.
    func record(_ value: Double) {
        guard value.isFinite else { return }
        count(value)
        sum.add(value)
    }

    var reading: MetricSample.Value {
        .histogram(
            HistogramReading(
                bounds: bounds,
                counts: buckets.map { $0.count.load(ordering: .relaxed) },
                sum: Double(nanoseconds.load(ordering: .relaxed)) / 1e9 + sum.load(ordering: .relaxed),
            )
        )
    }

    /// The bounds are few, and most observations are small, so they are gone through from below.
    private func count(_ value: Double) {
        var bucket = 0
        while bucket < bounds.count, value > bounds[bucket] { bucket += 1 }
        buckets[bucket].count.wrappingAdd(1, ordering: .relaxed)
    }
}
