internal import CoreMetrics
internal import Synchronization

/// A number that goes up and down: gauges and meters of swift-metrics.
final class GaugeCell: Instrument, RecorderHandler, MeterHandler {
    let id: SeriesID
    private let value = Atomic<Double>(0)

    init(_ id: SeriesID) {
        self.id = id
    }

    func record(_ value: Int64) { set(value) }
    func record(_ value: Double) { set(value) }
    func set(_ value: Int64) { self.value.store(Double(value), ordering: .relaxed) }
    func set(_ value: Double) { self.value.store(value, ordering: .relaxed) }
    func increment(by amount: Double) { value.add(amount) }
    func decrement(by amount: Double) { value.add(-amount) }

    var reading: MetricSample.Value { .gauge(value.load(ordering: .relaxed)) }
}
