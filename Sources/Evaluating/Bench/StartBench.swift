internal import Core
internal import Foundation
internal import Models
internal import Node

/// How soon a node with 10,000 logged pairs and both models answers, once the models' files are in memory, and how much
/// memory it then takes.
package struct StartBench: Sendable {
    private let settings: BenchSettings

    package init(_ settings: BenchSettings) {
        self.settings = settings
    }

    package func run() async throws -> [BenchReport] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("switchboard-bench-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let pairs = settings.choose(10_000, quick: 200)
        settings.tell("logging \(pairs) pairs")
        let node = LoggedNode(settings)
        try await node.log(pairs, in: folder)
        try readModels()
        settings.tell("starting a node on them")
        var ready = LatencySamples()
        var answered = LatencySamples()
        var resident = 0
        for _ in 0..<settings.choose(5, quick: 1) {
            let start = ContinuousClock.now
            try await NodeProcess.run(settings.executable, data: folder, settings) { process in
                try await node.waitUntilReady(process.client)
                ready.add(start.duration(to: .now))
                ready.seconds += start.duration(to: .now).seconds
                try await node.ask(process.client, times: 1)
                answered.add(start.duration(to: .now))
                resident = max(resident, try await residentAtWork(process, asking: node))
            }
        }
        var report = BenchReport("start", inFlight: 1, samples: ready)
        report.note("pairs", Double(pairs))
        report.note("ready_s", ready.latency.map { $0.max / 1e6 }, .atMost(2))
        report.note("first_answer_s", answered.latency.map { $0.max / 1e6 })
        report.note("resident_mb", Double(resident) / 1e6, .atMost(700))
        return [report]
    }

    /// After the models were used and the graphs built.
    private func residentAtWork(_ process: NodeProcess, asking node: LoggedNode) async throws -> Int {
        try await node.ask(process.client, times: settings.choose(100, quick: 2))
        if settings.models.scorer != nil {
            try await node.ask(process.client, times: settings.choose(4, quick: 1), llm: .always)
        }
        var resident = process.residentBytes
        for _ in 0..<settings.choose(20, quick: 0) {
            try await Task.sleep(for: .milliseconds(200))
            resident = max(resident, process.residentBytes)
        }
        return resident
    }

    /// So that what is measured is not the disk.
    private func readModels() throws {
        for path in [settings.models.encoder, settings.models.scorer].compactMap(\.self) {
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            while let part = try file.read(upToCount: 1 << 20), !part.isEmpty {}
            try file.close()
        }
    }
}
