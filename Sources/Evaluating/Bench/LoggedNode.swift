internal import Calls
internal import Core
internal import Foundation
internal import Models
internal import Node
internal import SwitchboardClient
internal import Wire

/// A node in a process of its own with made-up pairs in its log: what benchmarks of starts have in common.
struct LoggedNode: Sendable {
    private let settings: BenchSettings

    init(_ settings: BenchSettings) {
        self.settings = settings
    }

    /// A node logs pairs, and is stopped again.
    ///
    /// - Parameter finally: done while it still runs.
    func log(
        _ pairs: Int,
        in folder: String,
        _ finally: (SwitchboardClient) async throws -> Void = { _ in },
    ) async throws {
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
            try await finally(node.client)
        }
    }

    func waitUntilReady(_ client: SwitchboardClient) async throws {
        let deadline = ContinuousClock.now + .seconds(300)
        while true {
            let health = try await client.gateway.call(Methods.healthCheck, HealthRequest(), within: .seconds(10))
            if health.status == .serving { return }
            guard ContinuousClock.now < deadline else {
                throw SwitchboardError(.deadlineExceeded, "the node was not ready in five minutes: \(health.reason)")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    func ask(_ client: SwitchboardClient, times: Int, llm: LLMMode = .off) async throws {
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
