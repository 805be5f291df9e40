internal import Core

/// What one benchmark measured, beside what it is compared with, in one run. Encodes to the JSON that
/// `switchboard bench --json` prints.
package struct BenchReport: Sendable, Encodable {
    package struct Latency: Sendable, Encodable {
        package var p50: Double
        package var p90: Double
        package var p99: Double
        package var p999: Double
        package var max: Double
    }

    /// A peer, measured in the same run.
    package struct Peer: Sendable, Encodable {
        package var perSecond: Double?
        package var latencyUs: Latency?

        enum CodingKeys: String, CodingKey {
            case perSecond = "per_second"
            case latencyUs = "latency_us"
        }

        package init(perSecond: Double? = nil, latencyUs: Latency? = nil) {
            self.perSecond = perSecond
            self.latencyUs = latencyUs
        }
    }

    package var bench: String
    package var inFlight: Int
    package var seconds: Double
    package var operations: Int
    package var perSecond: Double
    package var errors: Int
    package var latencyUs: Latency?
    package var compared: [String: Peer]
    /// What is held against a target: below or above 1 as the name says.
    package var ratio: [String: Double]
    package var extra: [String: Double]
    package var cpu: String
    package var cpus: Int
    package var version: String
    /// What figures of `ratio` and `extra` are to reach; for people, not in the JSON.
    package var targets: [String: BenchTarget] = [:]

    enum CodingKeys: String, CodingKey {
        case bench
        case inFlight = "in_flight"
        case seconds
        case operations
        case perSecond = "per_second"
        case errors
        case latencyUs = "latency_us"
        case compared
        case ratio
        case extra
        case cpu
        case cpus
        case version
    }

    package init(_ bench: String, inFlight: Int, samples: LatencySamples, errors: Int = 0) {
        self.bench = bench
        self.inFlight = inFlight
        seconds = samples.seconds
        operations = samples.count
        perSecond = samples.perSecond
        self.errors = errors
        latencyUs = samples.latency
        compared = [:]
        ratio = [:]
        extra = [:]
        cpu = Machine.cpu
        cpus = Machine.cpus
        version = Version.current
    }

    /// Sets a ratio, and what it is to reach where that is said.
    mutating func compare(_ name: String, _ value: Double?, _ target: BenchTarget? = nil) {
        ratio[name] = value
        targets[name] = target
    }

    /// Sets another figure, and what it is to reach where that is said.
    mutating func note(_ name: String, _ value: Double?, _ target: BenchTarget? = nil) {
        extra[name] = value
        targets[name] = target
    }
}

/// What a figure is to reach; docs/performance.md says why.
package enum BenchTarget: Sendable, Hashable {
    case atMost(Double)
    case atLeast(Double)

    package func isReached(by figure: Double) -> Bool {
        switch self {
        case .atMost(let bound): figure <= bound
        case .atLeast(let bound): figure >= bound
        }
    }
}
