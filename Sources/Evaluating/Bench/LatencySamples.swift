internal import Core

/// Times of single operations, and of all together. A value; percentiles are by nearest rank.
package struct LatencySamples: Sendable, Equatable {
    /// In nanoseconds, in any order.
    package var nanoseconds: [UInt64] = []
    /// May exceed the samples, where not all were kept.
    package var count = 0
    /// That all of them took together, with what lay between them.
    package var seconds = 0.0

    package init() {}

    package init(nanoseconds: [UInt64], count: Int? = nil, seconds: Double) {
        self.nanoseconds = nanoseconds
        self.count = count ?? nanoseconds.count
        self.seconds = seconds
    }

    package mutating func add(_ time: Duration) {
        let (whole, fraction) = time.components
        nanoseconds.append(UInt64(max(0, whole)) * 1_000_000_000 + UInt64(max(0, fraction) / 1_000_000_000))
        count += 1
    }

    /// One that took its time alone: nothing lies between it and the others.
    package mutating func take(_ time: Duration) {
        add(time)
        seconds += time.seconds
    }

    /// Another stretch of the same, after this one.
    package mutating func append(_ later: LatencySamples) {
        nanoseconds += later.nanoseconds
        count += later.count
        seconds += later.seconds
    }

    /// The same done by others at the same time.
    package mutating func join(_ beside: LatencySamples) {
        nanoseconds += beside.nanoseconds
        count += beside.count
        seconds = max(seconds, beside.seconds)
    }

    package var perSecond: Double { seconds > 0 ? Double(count) / seconds : 0 }

    /// Nil where there is none.
    package var latency: BenchReport.Latency? {
        guard let ranks = Measure.percentiles([0.5, 0.9, 0.99, 0.999, 1], of: nanoseconds) else { return nil }
        let microseconds = ranks.map { Double($0) / 1e3 }
        return BenchReport.Latency(
            p50: microseconds[0],
            p90: microseconds[1],
            p99: microseconds[2],
            p999: microseconds[3],
            max: microseconds[4]
        )
    }

    /// As a peer's figures in a report.
    package var peer: BenchReport.Peer { BenchReport.Peer(perSecond: perSecond, latencyUs: latency) }
}
