internal import Calls
internal import Core
internal import Models
internal import Node
internal import SwitchboardClient
internal import Wire

/// A node of a benchmark's own, with an index that holds a corpus.
struct BenchNode: Sendable {
    let client: SwitchboardClient
    let encoder: EncoderAlone
    /// Of the corpus's pairs, in their order.
    let vectors: [[Float]]

    /// Starts a node, loads the corpus and calls `body`.
    ///
    /// - Parameter discovers: whether it has a clusterer too.
    static func run<Product>(
        _ settings: BenchSettings,
        _ corpus: BenchCorpus,
        discovers: Bool = false,
        _ body: (BenchNode) async throws -> Product,
    ) async throws -> Product {
        let encoder = try EncoderAlone(path: settings.models.encoder)
        settings.tell("encoding \(corpus.pairs.count) utterances, unless they are in the cache")
        let vectors = try await VectorCache(folder: settings.cachePath + "/bench")
            .vectors(of: corpus.pairs.map(\.text.value), by: encoder, threads: settings.computeThreads)
        return try await TemporaryNode.run(
            models: settings.models,
            computeThreads: settings.computeThreads,
            languageBatchTokens: settings.languageBatchTokens,
            discovers: discovers,
        ) { client in
            let node = BenchNode(client: client, encoder: encoder, vectors: vectors)
            settings.tell("loading them into a node")
            try await node.append(node.commands(of: corpus))
            return try await body(node)
        }
    }

    private func commands(of corpus: BenchCorpus) -> [LogCommand] {
        zip(corpus.pairs, vectors).map { pair, vector in
            .upsert(
                UpsertCommand(
                    vertical: pair.gold.vertical,
                    text: pair.text,
                    path: pair.gold.path,
                    vector: vector,
                    encoder: encoder.model.id
                )
            )
        }
    }

    /// Returns when the index has them.
    func append(_ commands: [LogCommand]) async throws {
        for part in commands.chunks(of: 500) {
            let request = AppendRequest(batch: AppendBatch(Array(part)), wait: .applied)
            let reply = try await patiently { try await client.updater.call(Methods.append, request) }
            guard reply.behind.isEmpty, reply.appliedBy > 0 else {
                throw SwitchboardError(.deadlineExceeded, "the index has not applied what was appended")
            }
        }
    }
}

extension AppendBatch {
    /// An operation of its own.
    init(_ commands: [LogCommand]) {
        self.init(
            operation: Bits128.random().bytes,
            source: "bench",
            author: "switchboard bench",
            commands: commands
        )
    }
}
