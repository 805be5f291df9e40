package import CoreMetrics

extension PrometheusRegistry: MetricsFactory {
    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        counter(label, dimensions)
    }

    package func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)],
    ) -> any FloatingPointCounterHandler {
        counter(label, dimensions)
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        gauge(label, dimensions)
    }

    /// A recorder that aggregates is a histogram, any other a gauge.
    package func makeRecorder(
        label: String,
        dimensions: [(String, String)],
        aggregate: Bool,
    ) -> any RecorderHandler {
        aggregate ? histogram(label, dimensions, bounds: MetricBounds.counts) : gauge(label, dimensions)
    }

    /// A histogram in seconds.
    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(label, dimensions, bounds: MetricBounds.seconds)
    }

    package func destroyCounter(_ handler: any CounterHandler) { release(handler) }
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { release(handler) }
    package func destroyMeter(_ handler: any MeterHandler) { release(handler) }
    package func destroyRecorder(_ handler: any RecorderHandler) { release(handler) }
    package func destroyTimer(_ handler: any TimerHandler) { release(handler) }

    private func counter(_ label: String, _ dimensions: [(String, String)]) -> CounterCell {
        instrument(label, .counter, dimensions) { id, _ in CounterCell(id) }
    }

    private func gauge(_ label: String, _ dimensions: [(String, String)]) -> GaugeCell {
        instrument(label, .gauge, dimensions) { id, _ in GaugeCell(id) }
    }

    private func histogram(_ label: String, _ dimensions: [(String, String)], bounds: [Double]) -> HistogramCell {
        instrument(label, .histogram, dimensions) { id, description in
            HistogramCell(id, bounds: description.bounds ?? bounds)
        }
    }
}

/// Handles by description, so that a name and its labels are written once.
extension PrometheusRegistry {
    /// Handles of described metrics, with their labels' values in the order of the description.
    package func counter(_ description: MetricDescription, _ labelValues: String...) -> Counter {
        Counter(label: description.name, dimensions: description.dimensions(labelValues), factory: self)
    }

    package func gauge(_ description: MetricDescription, _ labelValues: String...) -> Gauge {
        Gauge(label: description.name, dimensions: description.dimensions(labelValues), factory: self)
    }

    package func timer(_ description: MetricDescription, _ labelValues: String...) -> CoreMetrics.Timer {
        Timer(label: description.name, dimensions: description.dimensions(labelValues), factory: self)
    }

    /// A histogram of figures that are no times.
    package func recorder(_ description: MetricDescription, _ labelValues: String...) -> Recorder {
        Recorder(label: description.name, dimensions: description.dimensions(labelValues), factory: self)
    }
}
