/// Writes samples in Prometheus' text format, version 0.0.4.
///
/// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
struct TextFormat {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private(set) var text = ""

    /// One metric: HELP where there is any, TYPE, and its series in the order given.
    mutating func write(_ description: MetricDescription, _ samples: [MetricSample]) {
        let name = description.name
        if !description.help.isEmpty {
            text += "# HELP \(name) "
            append(description.help, escapingQuotes: false)
            text += "\n"
        }
        text += "# TYPE \(name) \(description.kind.rawValue)\n"
        for sample in samples {
            switch sample.value {
            case .counter(let value), .gauge(let value):
                line(name, sample.labels, value: value)
            case .histogram(let histogram):
                write(name, sample.labels, histogram)
            }
        }
    }

    /// Buckets are cumulated; the last, without a bound, equals the count.
    private mutating func write(_ name: String, _ labels: MetricLabels, _ histogram: HistogramReading) {
        var cumulated: UInt64 = 0
        for (bound, count) in zip(histogram.bounds + [.infinity], histogram.counts) {
            cumulated += count
            line(name + "_bucket", labels, upTo: bound, value: Double(cumulated))
        }
        line(name + "_sum", labels, value: histogram.sum)
        line(name + "_count", labels, value: Double(cumulated))
    }

    private mutating func line(_ name: String, _ labels: MetricLabels, upTo bound: Double? = nil, value: Double) {
        text += name
        if !labels.labels.isEmpty || bound != nil {
            text += "{"
            var separator = ""
            for label in labels.labels {
                text += "\(separator)\(label.name)=\""
                append(label.value, escapingQuotes: true)
                text += "\""
                separator = ","
            }
            if let bound { text += "\(separator)le=\"\(Self.number(bound))\"" }
            text += "}"
        }
        text += " \(Self.number(value))\n"
    }

    private mutating func append(_ words: String, escapingQuotes: Bool) {
        for scalar in words.unicodeScalars {
            switch scalar {
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\"" where escapingQuotes: text += "\\\""
            default: text.unicodeScalars.append(scalar)
            }
        }
    }

    /// As Go's parser reads it: whole numbers without a fraction, the rest in the shortest form that reads back equal.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        // Up to here every whole number has a Double of its own, and Int64 holds it.
        if value.rounded() == value, value.magnitude < 0x1p53 { return String(Int64(value)) }
        return String(value)
    }
}
