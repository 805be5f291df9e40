internal import Foundation

/// Looks at what the machine gives: instructions, memory, time.
enum MachineChecks {
    /// What a node with both models and 10,000 pairs takes.
    private static let wantedMemory: UInt64 = 700 << 20
    /// No clock that is right is before this program was written: 2026-01-01.
    private static let earliestTime = 1_767_225_600.0

    static func processor(cpuinfo: String = contents("/proc/cpuinfo")) -> DoctorCheck {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let model = value("model name", in: cpuinfo) ?? "CPU"
        guard let flags = value("flags", in: cpuinfo).map({ Set($0.split(separator: " ").map(String.init)) }) else {
            return .ok("CPU", "\(model), \(cores) cores")
        }
        let named = [
            ("avx2", "AVX2"), ("fma", "FMA"), ("avx512f", "AVX-512"), ("avx512_vnni", "VNNI"), ("avx512_bf16", "bf16"),
            ("amx_int8", "AMX"),
        ].filter { flags.contains($0.0) }.map(\.1)
        let detail = "\(model), \(cores) cores" + (named.isEmpty ? "" : ", \(named.joined(separator: ", "))")
        guard flags.contains("avx2"), flags.contains("fma") else {
            return .warning(
                "CPU",
                "\(detail); without AVX2 and FMA encoding is several times slower",
                remedy: "give the machine a CPU model with AVX2 where it is virtual (such as 'host')"
            )
        }
        return .ok("CPU", detail)
    }

    static func memory(meminfo: String = contents("/proc/meminfo")) -> DoctorCheck {
        guard let available = value("MemAvailable", in: meminfo)?.split(separator: " ").first.flatMap({ UInt64($0) })
        else { return .ok("memory", "how much there is cannot be told here") }
        let bytes = available << 10
        let detail = "\(bytes >> 20) MiB available"
        guard bytes >= wantedMemory else {
            return .warning(
                "memory",
                "\(detail); a node with both models and 10,000 pairs takes some \(wantedMemory >> 20) MiB",
                remedy: "free some, or run without the language model: --scorer none"
            )
        }
        return .ok("memory", detail)
    }

    /// - Parameter newest: when the log's newest record was written; nil: not known.
    static func clock(now: Date = Date(), newest: Date? = nil) -> DoctorCheck {
        let written = now.formatted(.iso8601)
        guard now.timeIntervalSince1970 >= earliestTime else {
            return .problem(
                "clock",
                "it says \(written), which is before this program was written",
                remedy: "set it (timedatectl set-ntp true); records carry the time"
            )
        }
        if let newest, newest > now.addingTimeInterval(60) {
            return .warning(
                "clock",
                "it says \(written), but the log's newest record is of \(newest.formatted(.iso8601))",
                remedy: "set the clock (timedatectl set-ntp true), or history shows times out of order"
            )
        }
        return .ok("clock", written)
    }

    private static func contents(_ path: String) -> String {
        (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    }

    /// Of the first line `key : value`.
    private static func value(_ key: String, in text: String) -> String? {
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2, parts[0].trimmingCharacters(in: .whitespaces) == key {
                return parts[1].trimmingCharacters(in: .whitespaces)
            }
        }
        return nil
    }
}
