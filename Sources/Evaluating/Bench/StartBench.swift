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
        let before = Machine.residentBytes
        var ready = LatencySamples()
        var answered = LatencySamples()
        var resident = before
        for _ in 0..<settings.choose(5, quick: 1) {
            let start = ContinuousClock.now
            let node = try await Node.start(configuration(folder, settings.models), logger: TemporaryNode.quiet)
            do {
                try await node.waitUntilReady()
                ready.add(start.duration(to: .now))
                ready.seconds += start.duration(to: .now).seconds
                try await ask(node, times: 1)
                answered.add(start.duration(to: .now))
                resident = max(resident, try await residentAtWork(node))
                await node.stop()
            } catch {
                await node.stop()
                throw error
            }
        }
        var report = BenchReport("start", inFlight: 1, samples: ready)
        report.note("pairs", Double(pairs))
        report.note("ready_s", ready.latency.map { $0.max / 1e6 }, .atMost(2))
        report.note("first_answer_s", answered.latency.map { $0.max / 1e6 })
        report.note("resident_mb", Double(resident) / 1e6, .atMost(700))
        report.note("resident_before_mb", Double(before) / 1e6)
        return [report]
    }

    private func configuration(_ folder: String, _ models: ModelPaths) -> NodeConfiguration {
        NodeConfiguration(
            name: "bench",
            dataPath: folder,
            addresses: .anyLocalPort,
            models: models,
            computeThreads: settings.computeThreads,
        )
    }

    /// A node without the language model logs them, and is stopped again.
    private func prepare(_ folder: String, pairs: Int) async throws {
        var models = settings.models
        models.scorer = nil
        let node = try await Node.start(configuration(folder, models), logger: TemporaryNode.quiet)
        do {
            try await node.waitUntilReady()
            try await withClient(of: node) { client in
                let encoder = try EncoderAlone(path: models.encoder)
                let words = ["where is it", "it is broken", "send it back", "i want to pay", "let me talk to somebody"]
                let centres = try await encoder.encode(words, threads: 1).map(\.vector)
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
                    _ = try await client.updater.call(Methods.append, AppendRequest(batch: AppendBatch(commands)))
                }
            }
            await node.stop()
        } catch {
            await node.stop()
            throw error
        }
    }

    private func withClient<Product>(of node: Node, _ body: (SwitchboardClient) async throws -> Product) async throws
        -> Product
    {
        guard let router = node.bound.router.first, let index = node.bound.index.first else {
            preconditionFailure("a node with all roles listens for routers and for publishers")
        }
        let client = SwitchboardClient(.init(gateway: router, updater: index))
        do {
            let product = try await body(client)
            await client.close()
            return product
        } catch {
            await client.close()
            throw error
        }
    }

    private func ask(_ node: Node, times: Int, llm: LLMMode = .off) async throws {
        try await withClient(of: node) { client in
            for number in 0..<times {
                let text = try UtteranceText("where is the thing that i have ordered \(number)")
                _ = try await client.gateway.call(
                    Methods.classify,
                    ClassifyRequest(text: text, llm: llm),
                    within: .seconds(20)
                )
            }
        }
    }

    /// After the models were used and the graphs built.
    private func residentAtWork(_ node: Node) async throws -> Int {
        try await ask(node, times: settings.choose(100, quick: 2))
        if settings.models.scorer != nil { try await ask(node, times: settings.choose(4, quick: 1), llm: .always) }
        var resident = Machine.residentBytes
        for _ in 0..<settings.choose(20, quick: 0) {
            try await Task.sleep(for: .milliseconds(200))
            resident = max(resident, Machine.residentBytes)
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
