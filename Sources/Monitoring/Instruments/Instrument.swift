/// Where a series counts. Handles of swift-metrics hold it and change it without a lock, from any thread.
protocol Instrument: AnyObject, Sendable {
    var id: SeriesID { get }
    /// As it is now. Changes that other threads are making may or may not be in it.
    var reading: MetricSample.Value { get }
}

/// Names one series in a registry.
struct SeriesID: Hashable, Sendable {
    let name: String
    let labels: MetricLabels
}
