internal import Core
internal import Foundation

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
}

/// Times of single operations, and of all together.
package struct LatencySamples: Sendable {
    /// In nanoseconds, in any order.
    package var nanoseconds: [UInt64] = []
    /// May exceed the samples, where not all were kept.
    package var count = 0
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

    package var perSecond: Double { seconds > 0 ? Double(count) / seconds : 0 }

    /// Nil where there is none. By nearest rank.
    package var latency: BenchReport.Latency? {
        guard !nanoseconds.isEmpty else { return nil }
        let sorted = nanoseconds.sorted()
        func at(_ share: Double) -> Double {
            Double(sorted[min(sorted.count - 1, Int((share * Double(sorted.count)).rounded(.up)) - 1)]) / 1e3
        }
        return BenchReport.Latency(
            p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max: Double(sorted[sorted.count - 1]) / 1e3)
    }
}

/// What the figures were measured on.
package enum Machine {
    package static var cpus: Int { ProcessInfo.processInfo.activeProcessorCount }

    /// The model's name, and the instructions that matter here.
    package static var cpu: String {
        let info = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        func field(_ name: String) -> String? {
            info.split(separator: "\n").first { $0.hasPrefix(name) }?.split(separator: ":").dropFirst().first
                .map { $0.trimmingCharacters(in: .whitespaces) }
        }
        let flags = Set((field("flags") ?? "").split(separator: " ").map(String.init))
        let known = ["avx2", "avx512f", "avx512_bf16", "avx512_vnni", "amx_tile"].filter(flags.contains)
        return ([field("model name") ?? "unknown"] + known).joined(separator: " ")
    }
}
