internal import CoreMetrics
internal import Synchronization

/// Keeps a node's metrics and writes them in Prometheus' text format.
///
/// As a `MetricsFactory` it makes counters, gauges, meters, recorders and timers of swift-metrics
/// (`Counter(label:dimensions:factory:)` and so on); nothing global has to be bootstrapped. Making one takes a lock and a
/// look into a dictionary, so whoever counts often keeps the handle: changing it is an atomic addition. What exists
/// elsewhere already (the length of a queue, the size of a file) is asked for when the text is written: see `collect`.
///
/// It promises a bounded size: a metric has as many series as its limit, everything beyond counts into one more series
/// whose labels all say `other`. Metrics themselves are named by the program alone. It may be used from any thread. It
/// keeps no history and serves no HTTP.
package final class PrometheusRegistry: Sendable {
    private struct Shared {
        var families: [String: MetricFamily] = [:]
        var collectors: [(name: String, inquiry: Inquiry<[MetricSample]>)] = []
    }

    private let shared = Mutex(Shared())
    private let labelSetLimit: Int
    private let collectionLimit: Duration
    private let clock: any Clock<Duration>

    /// - Parameters:
    ///   - labelSetLimit: series of a metric whose description says nothing else.
    ///   - collectionLimit: how long the text waits for a collector.
    package init(
        labelSetLimit: Int = 256,
        collectionLimit: Duration = .seconds(1),
        clock: any Clock<Duration> = ContinuousClock(),
    ) {
        self.labelSetLimit = labelSetLimit
        self.collectionLimit = collectionLimit
        self.clock = clock
        describe(MetricCatalog.unanswered)
    }

    /// Says what a metric is. Comes before the first series of that name.
    package func describe(_ description: MetricDescription) {
        shared.withLock { shared in
            precondition(
                shared.families[description.name] == nil,
                "\(description.name) is described once, before its use"
            )
            shared.families[description.name] = MetricFamily(description, defaultLimit: labelSetLimit)
        }
    }

    /// Asks the closure for samples each time the text is written.
    ///
    /// One asking at a time; one that takes longer than the limit is left out of that text and counted. Samples of one
    /// name have one kind, and the kind of its description.
    /// - Parameter name: of the collector, a short constant word.
    package func collect(_ name: String, _ ask: @escaping @concurrent @Sendable () async -> [MetricSample]) {
        let inquiry = Inquiry(limit: collectionLimit, clock: clock, ask: ask)
        shared.withLock { $0.collectors.append((name, inquiry)) }
    }

    /// Asks nobody any more, and lets go of what the closures hold.
    ///
    /// To be called when a node is taken down: its parts tell their counts to the registry, so each keeps the other.
    package func stopCollecting() {
        shared.withLock { $0.collectors.removeAll() }
    }

    /// Every metric that has a series, by name; its series by their labels.
    package func text() async -> String {
        let collected = await collectedSamples()
        let families = shared.withLock { $0.families }
        var samples = Dictionary(grouping: collected, by: \.name)
        for (name, family) in families {
            samples[name, default: []] += family.instruments.map {
                MetricSample(name: name, labels: $0.id.labels, value: $0.reading)
            }
        }
        var format = TextFormat()
        for (name, samples) in samples.sorted(by: { $0.key < $1.key }) where !samples.isEmpty {
            let description =
                families[name]?.description ?? MetricDescription(name, samples[0].value.kind, help: "")
            for sample in samples where sample.value.kind != description.kind {
                preconditionFailure("\(name) is a \(description.kind.rawValue), not a \(sample.value.kind.rawValue)")
            }
            format.write(description, bounded(samples, to: description.labelSetLimit ?? labelSetLimit))
        }
        return format.text
    }

    private func collectedSamples() async -> [MetricSample] {
        let collectors = shared.withLock { $0.collectors }
        return await withTaskGroup(of: [MetricSample].self) { group in
            for collector in collectors {
                group.addTask {
                    if let samples = await collector.inquiry.answer() { return samples }
                    self.counter(MetricCatalog.unanswered, collector.name).increment()
                    return []
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
    }

    /// In the order of their labels, each label set once, and no more than the limit and one for the rest.
    private func bounded(_ samples: [MetricSample], to limit: Int) -> [MetricSample] {
        var series: [MetricLabels: MetricSample] = [:]
        for sample in samples {
            series[sample.labels, default: sample].value =
                series[sample.labels]?.value.joined(with: sample.value) ?? sample.value
        }
        let sorted = series.values.sorted { $0.labels < $1.labels }
        // One more than the limit is what a family of instruments may have.
        guard sorted.count > limit + 1 else { return sorted }
        let rest = sorted[limit...]
        let joined = rest.dropFirst().reduce(rest[limit].value) { $0.joined(with: $1.value) }
        return sorted[..<limit] + [
            MetricSample(name: rest[limit].name, labels: rest[limit].labels.other, value: joined)
        ]
    }

    // MARK: Series

    /// The cell of a series, made where it is new.
    func instrument<Cell: Instrument>(
        _ name: String,
        _ kind: MetricKind,
        _ dimensions: [(String, String)],
        make: (SeriesID, MetricDescription) -> Cell,
    ) -> Cell {
        let name = MetricNames.metric(name)
        let labels = MetricLabels(dimensions)
        return shared.withLock { shared in
            var family =
                shared.families[name]
                ?? MetricFamily(MetricDescription(name, kind, help: ""), defaultLimit: labelSetLimit)
            let description = family.description
            precondition(
                description.kind == kind,
                "\(name) is a \(description.kind.rawValue), not a \(kind.rawValue)"
            )
            // Taken out while it changes, so that its dictionary is not copied.
            shared.families[name] = nil
            defer { shared.families[name] = family }
            guard let cell = family.instrument(for: labels, make: { make($0, description) }) as? Cell else {
                preconditionFailure("a \(kind.rawValue) has one kind of cell")
            }
            return cell
        }
    }

    func release(_ handler: AnyObject) {
        guard let instrument = handler as? any Instrument else { return }
        shared.withLock { $0.families[instrument.id.name]?.release(instrument) }
    }
}
