/// One series as it is when somebody looks: what a collector returns and what the text is written from.
package struct MetricSample: Sendable {
    package enum Value: Sendable, Equatable {
        case counter(Double)
        case gauge(Double)
        case histogram(HistogramReading)

        var kind: MetricKind {
            switch self {
            case .counter: .counter
            case .gauge: .gauge
            case .histogram: .histogram
            }
        }
    }

    package let name: String
    package let labels: MetricLabels
    package var value: Value

    package init(name: String, labels: MetricLabels, value: Value) {
        self.name = name
        self.labels = labels
        self.value = value
    }
}

/// How a figure is spread: how many observations fell at or below each bound, and their sum.
package struct HistogramReading: Sendable, Equatable {
    /// Ascending, without infinity.
    package let bounds: [Double]
    /// One for each bound, not cumulated, and one for what lies above the last.
    package let counts: [UInt64]
    package let sum: Double

    package init(bounds: [Double], counts: [UInt64], sum: Double) {
        precondition(counts.count == bounds.count + 1, "a histogram has one count more than bounds")
        self.bounds = bounds
        self.counts = counts
        self.sum = sum
    }

    package var count: UInt64 { counts.reduce(0, +) }
}

extension MetricSample.Value {
    /// What two series come to when they are counted as one. Gauges are added up. Of histograms with unequal bounds the
    /// first stays.
    func joined(with other: Self) -> Self {
        switch (self, other) {
        case (.counter(let one), .counter(let two)): .counter(one + two)
        case (.gauge(let one), .gauge(let two)): .gauge(one + two)
        case (.histogram(let one), .histogram(let two)) where one.bounds == two.bounds:
            .histogram(
                HistogramReading(
                    bounds: one.bounds,
                    counts: zip(one.counts, two.counts).map(+),
                    sum: one.sum + two.sum
                )
            )
        default: self
        }
    }
}
