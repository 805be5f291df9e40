internal import Core
internal import Node
package import SwitchboardClient

/// Classifying through a node's socket, without the language model: one call after the other beside the encoder's own time
/// for the same texts, and 16 calls in flight beside the encoder's own batches.
package struct ClassifyBench: Sendable {
    private static let inFlight = 16

    private let settings: BenchSettings
    private let corpus: BenchCorpus

    package init(_ settings: BenchSettings, corpus: BenchCorpus) {
        self.settings = settings
        self.corpus = corpus.prefix(
            pairs: settings.choose(.max, quick: 60),
            questions: settings.choose(2_000, quick: 10)
        )
    }

    package func run() async throws -> [BenchReport] {
        try await BenchNode.run(settings, corpus) { node in
            try await measure(node.client, node.encoder)
        }
    }

    /// The same through a node that is running already, with the index that it has.
    package func run(connectedTo client: SwitchboardClient) async throws -> [BenchReport] {
        try await measure(client, EncoderAlone(path: settings.models.encoder))
    }

    private func measure(_ client: SwitchboardClient, _ encoder: EncoderAlone) async throws -> [BenchReport] {
        let texts = corpus.questions.map(\.value)
        let warming = ClassifyCaller(client.gateway, texts: corpus.questions, llm: .off)
        _ = try await warming.ask(inFlight: 4, count: settings.choose(200, quick: 4))
        settings.tell("classifying \(texts.count) utterances, alternating with the encoder alone")
        var single = CallTally()
        var alone = LatencySamples()
        var many = CallTally()
        var batched = LatencySamples()
        let rounds = settings.choose(5, quick: 1)
        let seconds = settings.choose(3.0, quick: 0.1)
        // Around and around, so that a change of the machine's pace meets all of them.
        for round in 0..<rounds {
            let part = texts.enumerated().filter { $0.offset % rounds == round }.map(\.element)
            // Both sides read the same texts: a long one takes the encoder several times as long as a short one.
            let questions = corpus.questions.enumerated().filter { $0.offset % rounds == round }.map(\.element)
            let caller = ClassifyCaller(client.gateway, texts: questions, llm: .off)
            let asked = part.prefix(settings.choose(200, quick: 4))
            alone.append(try await encoder.oneByOne(Array(asked)))
            single.append(try await caller.ask(inFlight: 1, count: asked.count))
            batched.append(
                try await encoder.batched(
                    part,
                    batch: Self.inFlight,
                    threads: settings.computeThreads,
                    seconds: seconds
                )
            )
            many.append(try await caller.ask(inFlight: Self.inFlight, seconds: seconds))
        }
        return Self.reports(single, alone: alone, many, batched: batched)
    }

    static func reports(
        _ single: CallTally,
        alone: LatencySamples,
        _ many: CallTally,
        batched: LatencySamples,
    ) -> [BenchReport] {
        var first = BenchReport("classify", inFlight: 1, samples: single.samples, errors: single.errors)
        first.compared["encoder"] = alone.peer
        if let own = single.samples.latency, let peer = alone.latency {
            first.compare("p50_to_encoder", own.p50 / peer.p50, .atMost(1.4))
        }
        var second = BenchReport("classify", inFlight: inFlight, samples: many.samples, errors: many.errors)
        second.compared["encoder_batches"] = batched.peer
        second.compare("throughput_to_encoder", many.samples.perSecond / batched.perSecond, .atLeast(0.8))
        return [first, second]
    }
}
