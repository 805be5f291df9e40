internal import Calls
internal import Core
internal import Models
internal import Node
internal import SwitchboardClient
internal import Wire

/// What several processes do together: two scorers beside one, a retriever apart from its gateway, a worker that dies, three
/// replicas, and how much the log takes.
package struct ClusterBench: Sendable {
    let settings: BenchSettings
    let corpus: BenchCorpus

    package enum Part: String, Sendable, CaseIterable {
        case scorers
        case apart
        case failover
        case applied
        case durable
    }

    private let parts: [Part]

    package init(_ settings: BenchSettings, corpus: BenchCorpus, parts: [Part] = Part.allCases) {
        self.settings = settings
        self.parts = parts
        self.corpus = corpus.prefix(
            pairs: settings.choose(.max, quick: 60),
            questions: settings.choose(2_000, quick: 10)
        )
    }

    package func run() async throws -> [BenchReport] {
        let encoder = try EncoderAlone(path: settings.models.encoder)
        settings.tell("encoding \(corpus.pairs.count) utterances, unless they are in the cache")
        let vectors = try await VectorCache(folder: settings.cachePath + "/bench")
            .vectors(of: corpus.pairs.map(\.text.value), by: encoder, threads: settings.computeThreads)
        let material = Material(encoder: encoder.model.id, vectors: vectors)
        var reports: [BenchReport] = []
        for part in parts {
            switch part {
            case .scorers where settings.models.scorer == nil: settings.tell("there is no language model to share out")
            case .scorers: reports.append(try await twoScorers(material))
            case .apart: reports.append(try await apart(material))
            case .failover: reports.append(try await failover(material))
            case .applied: reports.append(try await threeReplicas(material))
            case .durable: reports.append(try await durable(material))
            }
        }
        return reports
    }

    /// Of the corpus's pairs, in their order.
    struct Material: Sendable {
        let encoder: ModelID
        let vectors: [[Float]]
    }

    // MARK: What each of them begins with

    /// Loads the corpus; returns when calls are answered.
    func fill(_ client: SwitchboardClient, _ material: Material) async throws {
        let commands = zip(corpus.pairs, material.vectors).map { pair, vector in
            LogCommand.upsert(
                UpsertCommand(
                    vertical: pair.gold.vertical,
                    text: pair.text,
                    path: pair.gold.path,
                    vector: vector,
                    encoder: material.encoder
                )
            )
        }
        try await client.waitUntilAnswered(corpus.questions[0], llm: .off)
        for part in commands.chunks(of: 500) {
            let request = AppendRequest(batch: AppendBatch(Array(part)), wait: .applied)
            _ = try await client.updater.call(Methods.append, request)
        }
    }

    func pairs(_ material: Material) -> UpdatePairs {
        UpdatePairs(
            vectors: NoisyVectors(around: material.vectors, seed: settings.seed),
            corpus: corpus,
            encoder: material.encoder
        )
    }

    // MARK: Two scorers beside one

    private func twoScorers(_ material: Material) async throws -> BenchReport {
        settings.tell("one scorer process with one compute thread, then two, and again")
        return try await BenchCluster.with(settings) { cluster in
            let front = try await cluster.front(answers: true)
            return try await SwitchboardClient.with(.init(gateway: front.router, updater: front.index)) { client in
                try await fill(client, material)
                var one = CallTally()
                var two = CallTally()
                let caller = ClassifyCaller(
                    client.gateway,
                    texts: corpus.questions,
                    llm: .always,
                    deadline: .seconds(30)
                )
                let seconds = settings.choose(15.0, quick: 0.5)
                for _ in 0..<settings.choose(2, quick: 1) {
                    let first = try await cluster.worker("scorer", of: front)
                    try await client.waitUntilAnswered(corpus.questions[0], llm: .always)
                    _ = try await caller.ask(inFlight: 8, count: settings.choose(16, quick: 2))
                    one.append(try await caller.ask(inFlight: 8, seconds: seconds))
                    let second = try await cluster.worker("scorer", of: front)
                    // It attaches while the first answers.
                    _ = try await caller.ask(inFlight: 8, count: settings.choose(48, quick: 2))
                    two.append(try await caller.ask(inFlight: 8, seconds: seconds))
                    _ = await (first.end(), second.end())
                }
                var report = BenchReport("cluster-scorers", inFlight: 8, samples: two.samples, errors: two.errors)
                report.compared["one_scorer"] = one.samples.peer
                report.compare(
                    "throughput_to_one_scorer",
                    two.samples.perSecond / one.samples.perSecond,
                    .atLeast(1.7)
                )
                report.note("share_scored", Double(two.scored) / Double(max(two.samples.count, 1)))
                return report
            }
        }
    }

    // MARK: A retriever apart

    private func apart(_ material: Material) async throws -> BenchReport {
        settings.tell("a retriever in its gateway's process, and one in a process of its own")
        return try await BenchCluster.with(settings) { cluster in
            let whole = try await cluster.front(answers: true)
            let front = try await cluster.front(answers: false)
            _ = try await cluster.worker("retriever", of: front)
            let together = SwitchboardClient(.init(gateway: whole.router, updater: whole.index))
            let apart = SwitchboardClient(.init(gateway: front.router, updater: front.index))
            var single = CallTally()
            var split = CallTally()
            do {
                try await fill(together, material)
                try await fill(apart, material)
                let near = ClassifyCaller(together.gateway, texts: corpus.questions, llm: .off)
                let far = ClassifyCaller(apart.gateway, texts: corpus.questions, llm: .off)
                _ = try await near.ask(inFlight: 1, count: settings.choose(100, quick: 2))
                _ = try await far.ask(inFlight: 1, count: settings.choose(100, quick: 2))
                // The same texts on both sides, around and around.
                for _ in 0..<settings.choose(10, quick: 1) {
                    single.append(try await near.ask(inFlight: 1, count: settings.choose(200, quick: 4)))
                    split.append(try await far.ask(inFlight: 1, count: settings.choose(200, quick: 4)))
                }
            } catch {
                await together.close()
                await apart.close()
                throw error
            }
            await together.close()
            await apart.close()
            let echo = try await RPCBench(seconds: settings.choose(3, quick: 0.1)).run(inFlight: 1)
            var report = BenchReport("cluster-apart", inFlight: 1, samples: split.samples, errors: split.errors)
            report.compared["one_process"] = single.samples.peer
            report.compared["libzmq_echo"] = echo.compared["libzmq_echo"]
            if let far = split.samples.latency, let near = single.samples.latency,
                let bare = echo.compared["libzmq_echo"]?.latencyUs
            {
                report.note("added_p50_ms", (far.p50 - near.p50) / 1e3)
                report.compare("added_p50_to_echo", (far.p50 - near.p50) / bare.p50, .atMost(3))
            }
            return report
        }
    }
}
