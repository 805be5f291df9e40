package import Core
package import Discovering
internal import Foundation
package import Models
package import Node
internal import SwitchboardClient
internal import Synchronization

/// The engines of discovery in this process, without node and sockets: an encoder, and a language model where there is
/// one. For measurements.
///
/// Each text is encoded once, in batches that depend on nothing but the texts, so that the same texts have the same
/// vectors in each run. Any task may use it, until the `with` that made it ends.
package final class LocalEngines: DiscoveryEngines {
    /// Texts that a thread encodes in one go.
    private static let part = 256

    private let model: any TextEncoding
    /// Nil: there is no language model.
    private let queue: ComputeQueue?
    private let isTrained: Bool
    private let threads: Int
    private let vectors = Mutex<[UtteranceText: [Float]]>([:])

    /// Nobody else is waiting here, so its work goes as callers' does, on every thread.
    private static let order = ComputeOrder(.live)

    private init(model: any TextEncoding, queue: ComputeQueue?, isTrained: Bool, threads: Int) {
        self.model = model
        self.queue = queue
        self.isTrained = isTrained
        self.threads = threads
    }

    /// Loads the models, runs `body` and lets go of them.
    ///
    /// - Throws: `.invalidArgument` for an engine on a server, `.failedPrecondition` where a file cannot be used; and what
    ///   `body` throws.
    package static func with<Product>(
        _ models: ModelPaths,
        threads: Int,
        _ body: (LocalEngines) async throws -> Product,
    ) async throws -> Product {
        guard let path = models.encoder else {
            throw SwitchboardError.invalid("no encoder is named; deploy/setup installs one")
        }
        for engine in [models.encoder, models.scorer] where engine?.hasPrefix("openai:") ?? false {
            throw SwitchboardError.invalid("discovery is measured with models in this process; name a file")
        }
        let backend = LlamaBackend { _, _ in }
        let encoder: any TextEncoding
        if path == WordEncoder.name {
            encoder = WordEncoder()
        } else {
            encoder = try EncoderModel(path: path, backend: backend)
        }
        let scorer = try models.scorer.map { path in
            try ScorerModel(path: path, adapterPath: models.adapter, namerPath: models.namer, backend: backend)
        }
        let queue = scorer.map { ComputeQueue(encoder: nil, scorer: $0, limits: .init(threads: threads)) }
        try await queue?.start()
        let engines = LocalEngines(model: encoder, queue: queue, isTrained: models.adapter != nil, threads: threads)
        do {
            let product = try await body(engines)
            await queue?.shutDown()
            return product
        } catch {
            await queue?.shutDown(.dropping)
            throw error
        }
    }

    package var encoder: ModelID? { model.id }

    package func encode(_ texts: [UtteranceText]) async throws(SwitchboardError) -> [[Float]] {
        let known = vectors.withLock { vectors in Set(texts.filter { vectors[$0] != nil }) }
        var seen = known
        let missing = texts.filter { seen.insert($0).inserted }
        do {
            let made = try await inFlight(threads, missing.chunks(of: Self.part)) { [model] part in
                try await WorkThread("encoder").run {
                    try model.makeContext().encode(part.map(\.value)).map(\.vector)
                }
            }
            vectors.withLock { vectors in
                for (text, vector) in zip(missing, made.joined()) { vectors[text] = vector }
            }
        } catch let error as SwitchboardError {
            throw error
        } catch {
            throw SwitchboardError(.cancelled, "the encoding was cancelled")
        }
        return vectors.withLock { vectors in
            texts.map { text in
                // Each was known or has just been made.
                vectors[text]!
            }
        }
    }

    package func score(_ input: ScoringInput) async throws(SwitchboardError) -> ScoringOutput? {
        guard isTrained, let queue else { return nil }
        return try await queue.score(input, Self.order).value
    }

    package func judge(_ utterances: [UtteranceText]) async throws(SwitchboardError) -> EngineAnswer<Double>? {
        try await answer(try ClusterQuestion(judging: utterances)) { value in
            if case .good(let probability) = value { probability } else { nil }
        }
    }

    package func name(
        _ utterances: [UtteranceText],
        words: [String],
        taken: [String],
    ) async throws(SwitchboardError) -> EngineAnswer<String>? {
        try await name(utterances, role: nil, words: words, taken: taken)
    }

    package func name(
        _ utterances: [UtteranceText],
        role: Role?,
        words: [String],
        taken: [String],
    ) async throws(SwitchboardError) -> EngineAnswer<String>? {
        let question = try ClusterQuestion(naming: utterances, role: role, words: words, taken: taken)
        return try await answer(question) { value in
            if case .name(let label) = value { label } else { nil }
        }
    }

    /// Nil where there is no language model that answers such questions.
    private func answer<Value: Sendable>(
        _ question: ClusterQuestion,
        _ value: (ClusterAnswer.Value) -> Value?,
    ) async throws(SwitchboardError) -> EngineAnswer<Value>? {
        guard let queue, queue.scorer?.clusterModels != nil else { return nil }
        let computed = try await queue.answer(question)
        guard let value = value(computed.value.value) else { return nil }
        return EngineAnswer(
            value: value,
            tokens: computed.value.tokens,
            seconds: computed.timings.working.seconds
        )
    }
}
