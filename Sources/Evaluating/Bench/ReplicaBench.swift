internal import Core
internal import Foundation
internal import SwitchboardClient
internal import Wire

/// How soon a node whose log has 100,000 pairs answers from a snapshot, beside one that reads the log, and how much memory
/// an exemplar takes once all graphs are built.
package struct ReplicaBench: Sendable {
    private let settings: BenchSettings
    private let node: LoggedNode

    package init(_ settings: BenchSettings) {
        self.settings = settings
        node = LoggedNode(settings)
    }

    package func run() async throws -> [BenchReport] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("switchboard-bench-\(UUID())").path
        defer {
            for part in ["pairs", "none"] { try? FileManager.default.removeItem(atPath: folder + "-" + part) }
        }
        let pairs = settings.choose(100_000, quick: 300)
        settings.tell("logging \(pairs) pairs and writing a snapshot")
        try await node.log(0, in: folder + "-none")
        var bytes = 0
        try await node.log(pairs, in: folder + "-pairs") { client in
            bytes = try await client.writtenSnapshot().size
        }
        settings.tell("starting from the snapshot")
        let rounds = settings.choose(3, quick: 1)
        let (fromSnapshot, settled) = try await starts(folder + "-pairs", rounds: rounds, settles: true)
        let snapshots = folder + "-pairs/snapshots"
        for name in try FileManager.default.contentsOfDirectory(atPath: snapshots) {
            try FileManager.default.removeItem(atPath: "\(snapshots)/\(name)")
        }
        settings.tell("starting from the log")
        let (fromLog, _) = try await starts(folder + "-pairs", rounds: rounds, settles: false)
        let (_, empty) = try await starts(folder + "-none", rounds: 1, settles: false)
        var report = BenchReport("replica", inFlight: 1, samples: fromSnapshot)
        report.compared["from_log"] = fromLog.peer
        report.note("exemplars", Double(pairs))
        report.note("serving_s", fromSnapshot.latency.map { $0.max / 1e6 }, .atMost(5))
        report.note("snapshot_bytes_per_exemplar", Double(bytes) / Double(pairs))
        report.note("resident_bytes_per_exemplar", Double(settled - empty) / Double(pairs))
        if let own = fromSnapshot.latency, let log = fromLog.latency {
            report.compare("from_log_p50_to_snapshot_p50", log.p50 / own.p50)
        }
        return [report]
    }

    /// Starts of a node up to its first answer, and the most memory that it had afterwards.
    ///
    /// - Parameter settles: waits until its graphs are built.
    private func starts(
        _ folder: String,
        rounds: Int,
        settles: Bool,
    ) async throws -> (samples: LatencySamples, resident: Int) {
        var samples = LatencySamples()
        var resident = 0
        for round in 0..<rounds {
            let start = ContinuousClock.now
            try await NodeProcess.run(settings.executable, data: folder, settings) { process in
                try await node.waitUntilReady(process.client)
                if !folder.hasSuffix("-none") { try await node.ask(process.client, times: 1) }
                let time = start.duration(to: .now)
                samples.add(time)
                samples.seconds += time.seconds
                resident = max(resident, process.residentBytes)
                guard settles, round + 1 == rounds else { return }
                // A minute for graphs of 100,000 vectors.
                for _ in 0..<settings.choose(120, quick: 0) {
                    try await Task.sleep(for: .milliseconds(500))
                    resident = process.residentBytes
                }
            }
        }
        return (samples, resident)
    }
}
