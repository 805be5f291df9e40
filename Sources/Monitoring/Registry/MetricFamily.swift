/// All series of one name: at most as many as its limit, and one more for the rest.
struct MetricFamily: Sendable {
    private struct Series {
        let instrument: any Instrument
        /// Handles that were made and not destroyed.
        var handles: Int
    }

    let description: MetricDescription
    private let limit: Int
    private var series: [MetricLabels: Series] = [:]
    private var other: (any Instrument)?

    init(_ description: MetricDescription, defaultLimit: Int) {
        self.description = description
        limit = description.labelSetLimit ?? defaultLimit
    }

    var instruments: [any Instrument] {
        series.values.map(\.instrument) + (other.map { [$0] } ?? [])
    }

    /// The series of these labels, made where it is new; past the limit the one that takes all others.
    mutating func instrument(for labels: MetricLabels, make: (SeriesID) -> any Instrument) -> any Instrument {
        if let known = series[labels] {
            series[labels]?.handles += 1
            return known.instrument
        }
        if series.count < limit {
            let instrument = make(SeriesID(name: description.name, labels: labels))
            series[labels] = Series(instrument: instrument, handles: 1)
            return instrument
        }
        if let other { return other }
        let instrument = make(SeriesID(name: description.name, labels: labels.other))
        other = instrument
        return instrument
    }

    /// A handle is gone; with the last one its series leaves the output. The series for the others stays.
    mutating func release(_ instrument: any Instrument) {
        let labels = instrument.id.labels
        guard let known = series[labels], known.instrument === instrument else { return }
        series[labels] = known.handles > 1 ? Series(instrument: instrument, handles: known.handles - 1) : nil
    }
}
