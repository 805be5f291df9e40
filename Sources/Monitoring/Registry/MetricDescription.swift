/// What a metric is, told once: its name, its type in Prometheus' terms, its labels and what it means.
///
/// A family without a description is made from the first instrument of that name, with no help text.
package struct MetricDescription: Sendable, Equatable {
    package let name: String
    package let kind: MetricKind
    /// The names of the labels that its series carry.
    package let labels: [String]
    /// One sentence; the HELP line.
    package let help: String
    /// Upper bounds of a histogram's buckets, ascending, without infinity. Nil: the registry's.
    package let bounds: [Double]?
    /// How many label sets get a series of their own. Nil: the registry's.
    package let labelSetLimit: Int?

    package init(
        _ name: String,
        _ kind: MetricKind,
        labels: [String] = [],
        help: String,
        bounds: [Double]? = nil,
        labelSetLimit: Int? = nil,
    ) {
        if let bounds {
            precondition(
                zip(bounds, bounds.dropFirst()).allSatisfy(<) && bounds.allSatisfy(\.isFinite),
                "the bounds of \(name) ascend and are finite",
            )
        }
        self.name = MetricNames.metric(name)
        self.kind = kind
        self.labels = labels
        self.help = help
        self.bounds = bounds
        self.labelSetLimit = labelSetLimit
    }
}

extension MetricDescription {
    /// The labels with these values, in the order of their names' description.
    package func dimensions(_ values: [String]) -> [(String, String)] {
        precondition(values.count == labels.count, "\(name) has the labels \(labels)")
        return Array(zip(labels, values))
    }

    /// A counter or a gauge as it is now.
    package func sample(_ value: Double, _ labelValues: String...) -> MetricSample {
        let labels = MetricLabels(dimensions(labelValues))
        return MetricSample(name: name, labels: labels, value: kind == .counter ? .counter(value) : .gauge(value))
    }

    package func sample(_ value: some BinaryInteger, _ labelValues: String...) -> MetricSample {
        let labels = MetricLabels(dimensions(labelValues))
        let value = Double(value)
        return MetricSample(name: name, labels: labels, value: kind == .counter ? .counter(value) : .gauge(value))
    }

    package func sample(_ value: HistogramReading, _ labelValues: String...) -> MetricSample {
        MetricSample(name: name, labels: MetricLabels(dimensions(labelValues)), value: .histogram(value))
    }
}

/// The types of the text format that the registry writes.
package enum MetricKind: String, Sendable {
    case counter
    case gauge
    case histogram
}

/// Buckets for what a node measures.
package enum MetricBounds {
    /// Seconds, from 100 microseconds to a minute.
    package static let seconds: [Double] = [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ]
    /// Numbers of things: powers of two to 4,096.
    package static let counts: [Double] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048, 4_096]
}
