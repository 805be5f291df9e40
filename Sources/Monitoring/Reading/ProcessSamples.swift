internal import Glibc

/// What the system says of this process, from /proc. Absent where it does not say.
///
/// Reading it takes a few system calls, none of which waits for a disk.
package struct ProcessSamples: Sendable, Equatable {
    package var residentBytes: UInt64?
    /// The most that was ever resident.
    package var peakResidentBytes: UInt64?
    package var virtualBytes: UInt64?
    /// Of all threads, in user and in system mode.
    package var cpuSeconds: Double?
    package var threads: Int?
    package var openDescriptors: Int?
    package var maximumDescriptors: Int?
    /// Seconds since 1970.
    package var startTime: Double?

    /// Of this process now.
    package static func current() -> ProcessSamples {
        ProcessSamples(
            status: contents(ofSmallFile: "/proc/self/status") ?? "",
            stat: contents(ofSmallFile: "/proc/self/stat") ?? "",
            limits: contents(ofSmallFile: "/proc/self/limits") ?? "",
            systemStat: contents(ofSmallFile: "/proc/stat") ?? "",
            // Less the one that reads the folder.
            openDescriptors: names(inDirectory: "/proc/self/fd").map { $0.count - 1 },
            ticksPerSecond: Double(sysconf(Int32(_SC_CLK_TCK))),
        )
    }

    /// From the texts of the files of that name; see proc(5).
    init(
        status: String,
        stat: String,
        limits: String,
        systemStat: String,
        openDescriptors: Int?,
        ticksPerSecond: Double,
    ) {
        let status = Self.words(ofLinesIn: status)
        residentBytes = Self.bytes(status["VmRSS:"])
        peakResidentBytes = Self.bytes(status["VmHWM:"])
        virtualBytes = Self.bytes(status["VmSize:"])
        threads = status["Threads:"]?.first.flatMap { Int($0) }
        self.openDescriptors = openDescriptors
        // The first figure is the soft limit, the one that holds; "unlimited" is none.
        maximumDescriptors = limits.split(separator: "\n").first { $0.hasPrefix("Max open files") }
            .flatMap { Int($0.split(separator: " ").dropFirst(3).first ?? "") }

        // The second field is the command in parentheses and may hold anything, so fields are counted from its end:
        // the first there is the third of the line.
        let fields = stat.lastIndex(of: ")").map { stat[$0...].dropFirst().split(separator: " ") } ?? []
        func ticks(_ field: Int) -> Double? {
            fields.count > field - 3 ? Double(fields[field - 3]) : nil
        }
        if let user = ticks(14), let system = ticks(15) { cpuSeconds = (user + system) / ticksPerSecond }
        if let sinceBoot = ticks(22),
            let boot = Self.words(ofLinesIn: systemStat)["btime"]?.first.flatMap({ Double($0) })
        {
            startTime = boot + sinceBoot / ticksPerSecond
        }
    }

    /// Lines by their first word.
    private static func words(ofLinesIn text: String) -> [Substring: [Substring]] {
        let lines = text.split(separator: "\n").map { $0.split { $0 == " " || $0 == "\t" } }
        return Dictionary(lines.compactMap { line in line.first.map { ($0, Array(line.dropFirst())) } }) { first, _ in
            first
        }
    }

    /// Such as `["1234", "kB"]`; the kernel's kB are 1,024 bytes.
    private static func bytes(_ words: [Substring]?) -> UInt64? {
        guard let words, words.count == 2, words[1] == "kB" else { return nil }
        return UInt64(words[0]).map { $0 * 1_024 }
    }
}

extension ProcessSamples {
    package var samples: [MetricSample] {
        [
            residentBytes.map { MetricCatalog.residentBytes.sample($0) },
            peakResidentBytes.map { MetricCatalog.peakResidentBytes.sample($0) },
            virtualBytes.map { MetricCatalog.virtualBytes.sample($0) },
            cpuSeconds.map { MetricCatalog.cpuSeconds.sample($0) },
            threads.map { MetricCatalog.threads.sample($0) },
            openDescriptors.map { MetricCatalog.openDescriptors.sample($0) },
            maximumDescriptors.map { MetricCatalog.maximumDescriptors.sample($0) },
            startTime.map { MetricCatalog.startTime.sample($0) },
        ].compactMap { $0 }
    }
}
