import Core
import Foundation
import Models
import Testing

/// What goes wrong with a scorer's files, and what an adapter does.
@Suite(.timeLimit(.minutes(5)))
struct ScorerModelTests {
    private static func model(_ path: String = TestModels.scorer, adapter: String? = nil) throws -> ScorerModel {
        try ScorerModel(path: path, adapterPath: adapter, backend: TestModels.backend)
    }

    private static func score(_ model: ScorerModel) throws -> [Double] {
        let input = try ScoringInput(
            text: UtteranceText("where is my parcel"),
            pairs: [.init(query: UtteranceText("has it been sent"), intent: IntentPath("track order"))],
            candidates: [IntentPath("track order"), IntentPath("refund")]
        )
        return try ScorerContext(model: model).score(input, interruption: .none).logProbabilities
    }

    private static func digest(_ path: String) throws -> [UInt8] {
        var hash = Hash256()
        hash.update(try Data(contentsOf: URL(fileURLWithPath: path)))
        return hash.digest()
    }

    @Test func idsAreTheFilesDigests() throws {
        let folder = try TestModels.Folder()
        let adapter = try folder.write(AdapterFile().bytes, to: "adapter.gguf")
        let model = try Self.model(adapter: adapter)
        let (baseDigest, adapterDigest) = (try Self.digest(TestModels.scorer), try Self.digest(adapter))
        #expect(model.baseModel.bytes == baseDigest)
        #expect(model.adapter?.bytes == adapterDigest)
        #expect(model.prompt == Prompt.id)
        let plain = try Self.model()
        #expect(plain.adapter == nil)
    }

    @Test func anAdapterChangesTheScores() throws {
        let folder = try TestModels.Folder()
        let plain = try Self.score(Self.model())
        let adapted = try Self.score(Self.model(adapter: folder.write(AdapterFile().bytes, to: "a.gguf")))
        let idle = try Self.score(Self.model(adapter: folder.write(AdapterFile(strength: 0).bytes, to: "idle.gguf")))
        #expect(zip(plain, adapted).contains { abs($0 - $1) > 1e-3 })
        #expect(zip(plain, idle).allSatisfy { abs($0 - $1) < 1e-6 })
    }

    @Test(arguments: [AdapterFile(width: 128), AdapterFile(architecture: "bert")])
    func refusesAnAdapterForAnotherModel(file: AdapterFile) throws {
        let folder = try TestModels.Folder()
        let path = try folder.write(file.bytes, to: "adapter.gguf")
        let error = #expect(throws: SwitchboardError.self) { try Self.model(adapter: path) }
        #expect(error?.code == .failedPrecondition)
        #expect(error?.message.contains("does not go with the model") == true)
        #expect(error?.message.contains(path) == true)
    }

    @Test func refusesAModelAsAdapterAndACutAdapter() throws {
        let folder = try TestModels.Folder()
        #expect(throws: SwitchboardError.self) { try Self.model(adapter: TestModels.encoder) }
        let cut = try folder.write(Array(AdapterFile().bytes.dropLast(3_000)), to: "cut.gguf")
        #expect(throws: SwitchboardError.self) { try Self.model(adapter: cut) }
    }

    @Test func missingFilesNameWhatMendsIt() {
        let model = #expect(throws: SwitchboardError.self) { try Self.model("/nowhere/scorer.gguf") }
        #expect(model?.message.contains("deploy/setup") == true)
        let adapter = #expect(throws: SwitchboardError.self) { try Self.model(adapter: "/nowhere/adapter.gguf") }
        #expect(adapter?.message.contains("/nowhere/adapter.gguf") == true)
        #expect(adapter?.message.contains("deploy/setup") == false)
    }

    @Test func refusesACutFile() throws {
        let folder = try TestModels.Folder()
        let whole = try Data(contentsOf: URL(fileURLWithPath: TestModels.scorer), options: .alwaysMapped)
        let path = try folder.write(Array(whole.prefix(whole.count / 2)), to: "cut.gguf")
        let error = #expect(throws: SwitchboardError.self) { try Self.model(path) }
        #expect(error?.code == .failedPrecondition)
    }

    @Test func refusesAnEncoder() {
        let error = #expect(throws: SwitchboardError.self) { try Self.model(TestModels.encoder) }
        #expect(error?.message.contains("no language model") == true)
    }
}

/// The queue with the real models behind it.
@Suite(.timeLimit(.minutes(5)))
struct RealModelsQueueTests {
    @Test func encodesAndScoresAtTheSameTime() async throws {
        let encoder = try EncoderModel(path: TestModels.encoder, backend: TestModels.backend)
        let scorer = try ScorerModel(path: TestModels.scorer, backend: TestModels.backend)
        let queue = ComputeQueue(encoder: encoder, scorer: scorer, limits: .init(threads: 2))
        try await queue.start()
        let input = try ScoringInput(
            text: UtteranceText("where is my parcel"),
            pairs: [.init(query: UtteranceText("has it been sent"), intent: IntentPath("track order"))],
            candidates: [IntentPath("track order"), IntentPath("refund")]
        )
        let expected = try ScorerContext(model: scorer).score(input, interruption: .none)
        let texts = (0..<40).map { "order number \($0) has not arrived" }
        let vectors = try EncoderContext(model: encoder).encode(texts)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let own = try await queue.score(input, ComputeOrder(.live)).value
                    // Scored beside others it is cut into other pieces, and llama.cpp rounds otherwise.
                    #expect(own.promptTokens == expected.promptTokens)
                    for (left, right) in zip(own.logProbabilities, expected.logProbabilities) {
                        #expect(abs(left - right) <= 0.1)
                    }
                }
            }
            for (text, vector) in zip(texts, vectors) {
                group.addTask {
                    let own = try await queue.encode(text, ComputeOrder(.live)) { $0 }.value
                    let cosine = zip(own.vector, vector.vector).reduce(0) { $0 + $1.0 * $1.1 }
                    #expect(cosine > 0.999)
                }
            }
            try await group.waitForAll()
        }
        let statistics = queue.statistics
        #expect(statistics.counts[.live].admitted == 44)
        #expect(statistics.batchTexts.sum == 40)
        #expect(statistics.batchScores.sum == 4)
        await queue.shutDown()
    }

    @Test func aCancelledScoreStopsInTheMiddle() async throws {
        let encoder = try EncoderModel(path: TestModels.encoder, backend: TestModels.backend)
        let scorer = try ScorerModel(path: TestModels.scorer, backend: TestModels.backend)
        let queue = ComputeQueue(encoder: encoder, scorer: scorer, limits: .init(threads: 1))
        try await queue.start()
        let text = Array(repeating: "the parcel is late", count: 350).joined(separator: " ")
        let long = try ScoringInput(text: UtteranceText(text), pairs: [], candidates: [IntentPath("a")])
        let start = ContinuousClock.now
        let task = Task { try await queue.score(long, ComputeOrder(.live)) }
        while queue.statistics.languageThreads == 0 { await Task.yield() }
        task.cancel()
        let error = await #expect(throws: SwitchboardError.self) { try await task.value }
        #expect(error?.code == .cancelled)
        let stopped = start.duration(to: .now)
        let whole = try await queue.score(long, ComputeOrder(.live)).timings.working
        #expect(stopped < whole / 2)
        await queue.shutDown()
    }
}
