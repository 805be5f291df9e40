internal import Calls
internal import Core
internal import Foundation
internal import Models
internal import Node
internal import SwitchboardClient
internal import Wire

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
        try await prepare(folder, pairs: pairs)
        try readModels()
        settings.tell("starting a node on them")
        var ready = LatencySamples()
        var answered = LatencySamples()
        var resident = 0
        for _ in 0..<settings.choose(5, quick: 1) {
            let start = ContinuousClock.now
            try await NodeProcess.run(settings.executable, data: folder, settings) { node in
                try await waitUntilReady(node.client)
                ready.add(start.duration(to: .now))
                ready.seconds += start.duration(to: .now).seconds
                try await ask(node.client, times: 1)
                answered.add(start.duration(to: .now))
                resident = max(resident, try await residentAtWork(node))
            }
        }
        var report = BenchReport("start", inFlight: 1, samples: ready)
        report.note("pairs", Double(pairs))
        report.note("ready_s", ready.latency.map { $0.max / 1e6 }, .atMost(2))
        report.note("first_answer_s", answered.latency.map { $0.max / 1e6 })
        report.note("resident_mb", Double(resident) / 1e6, .atMost(700))
        return [report]
    }

    /// A node logs them, and is stopped again.
    private func prepare(_ folder: String, pairs: Int) async throws {
        let encoder = try EncoderAlone(path: settings.models.encoder)
        let words = ["where is it", "it is broken", "send it back", "i want to pay", "let me talk to somebody"]
        let centres = try await encoder.encode(words, threads: 1).map(\.vector)
        try await NodeProcess.run(settings.executable, data: folder, settings) { node in
            try await waitUntilReady(node.client)
            var vectors = NoisyVectors(around: centres, seed: settings.seed)
            for first in stride(from: 0, to: pairs, by: 500) {
                let commands = try (first..<min(first + 500, pairs)).map { number in
                    LogCommand.upsert(
                        UpsertCommand(
                            vertical: .default,
                            text: try UtteranceText("\(words[number % words.count]), said caller number \(number)"),
                            path: try IntentPath("intent \(number % 77)"),
                            vector: vectors.next(),
                            encoder: encoder.model.id,
                        )
                    )
                }
                _ = try await node.client.updater.call(Methods.append, AppendRequest(batch: AppendBatch(commands)))
            }
        }
    }

    private func waitUntilReady(_ client: SwitchboardClient) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            let health = try await client.gateway.call(Methods.healthCheck, HealthRequest(), within: .seconds(10))
            if health.status == .serving { return }
            guard ContinuousClock.now < deadline else {
                throw SwitchboardError(.deadlineExceeded, "the node was not ready within a minute: \(health.reason)")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private func ask(_ client: SwitchboardClient, times: Int, llm: LLMMode = .off) async throws {
        for number in 0..<times {
            let text = try UtteranceText("where is the thing that i have ordered \(number)")
            _ = try await client.gateway.call(
                Methods.classify,
                ClassifyRequest(text: text, llm: llm),
                within: .seconds(20)
            )
        }
    }

    /// After the models were used and the graphs built.
    private func residentAtWork(_ node: NodeProcess) async throws -> Int {
        try await ask(node.client, times: settings.choose(100, quick: 2))
        if settings.models.scorer != nil {
            try await ask(node.client, times: settings.choose(4, quick: 1), llm: .always)
        }
        var resident = node.residentBytes
        for _ in 0..<settings.choose(20, quick: 0) {
            try await Task.sleep(for: .milliseconds(200))
            resident = max(resident, node.residentBytes)
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
