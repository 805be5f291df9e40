internal import Foundation
internal import Glibc

/// What the figures were measured on.
package enum Machine {
    package static var cpus: Int { ProcessInfo.processInfo.activeProcessorCount }

    /// - Parameter process: its number, or "self".
    static func residentBytes(of process: String) -> Int { bytes("VmRSS:", of: process) }

    /// The most memory that this process has had so far.
    static var peakResidentBytes: Int { bytes("VmHWM:", of: "self") }

    /// What this process has computed so far, on all cores together.
    static var processSeconds: Double {
        var time = timespec()
        // It fails for clocks that there are not.
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func bytes(_ field: String, of process: String) -> Int {
        let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix(field) }
        let kilobytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
        return (kilobytes ?? 0) * 1_024
    }

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
