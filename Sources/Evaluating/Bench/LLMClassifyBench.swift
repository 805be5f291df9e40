internal import Core
internal import Models
internal import Node
package import SwitchboardClient

/// Classifying through a node's socket with the language model asked about every utterance: one call after the other, and
/// 16 in flight, beside llama-bench reading a prompt of as many tokens as theirs have on the average.
package struct LLMClassifyBench: Sendable {
    private static let inFlight = 16
    /// Long, so that no answer is given without the language model.
    private static let deadline = Duration.seconds(60)

    private let settings: BenchSettings
    private let corpus: BenchCorpus

    package init(_ settings: BenchSettings, corpus: BenchCorpus) {
        self.settings = settings
        self.corpus = corpus.prefix(
            pairs: settings.choose(.max, quick: 60),
            questions: settings.choose(120, quick: 6)
        )
    }

    package func run() async throws -> [BenchReport] {
        try await BenchNode.run(settings, corpus) { node in try await measure(node.client) }
    }

    /// The same through a node that is running already, with the index that it has. It must have the language model that
    /// the settings name, since that one is what llama-bench reads with.
    package func run(connectedTo client: SwitchboardClient) async throws -> [BenchReport] {
        try await measure(client)
    }

    private func measure(_ client: SwitchboardClient) async throws -> [BenchReport] {
        guard let path = settings.models.scorer else {
            throw SwitchboardError.invalid("no language model is installed; deploy/setup installs one")
        }
        let llamaBench = LlamaBench(cachePath: settings.cachePath)
        if llamaBench == nil {
            settings.tell("without llama-bench to compare with; \(LlamaBench.remedy) installs it")
        }
        let model = try ScorerModel(path: path, backend: LlamaBackend())
        let asked = try await AskedPrompts(corpus.questions, asking: client, of: model)
        let (texts, tokens) = (asked.texts, asked.meanTokens)
        settings.tell("classifying \(texts.count) utterances, prompts of \(tokens) tokens on the average")
        _ = try await caller(client, texts).ask(inFlight: 2, count: settings.choose(4, quick: 1))
        var (single, many) = (CallTally(), CallTally())
        var (peer, peers) = (LatencySamples(), LatencySamples())
        let rounds = settings.choose(4, quick: 1)
        let passes = settings.choose(6, quick: 1)
        // Around and around, so that a change of the machine's pace meets all of them.
        for round in 0..<rounds {
            let part = texts.enumerated().filter { $0.offset % rounds == round }.map(\.element)
            guard !part.isEmpty else { continue }
            let caller = caller(client, part)
            single.append(try await caller.ask(inFlight: 1, count: part.count))
            if let llamaBench {
                peer.append(try await llamaBench.read(model: path, tokens: tokens, threads: 1, passes: passes))
            }
            many.append(try await caller.ask(inFlight: Self.inFlight, count: max(part.count, Self.inFlight)))
            if let llamaBench {
                let threads = settings.computeThreads
                peers.append(try await llamaBench.read(model: path, tokens: tokens, threads: threads, passes: passes))
            }
        }
        return Self.reports(
            single,
            many,
            promptTokens: tokens,
            llamaBench == nil ? nil : (single: peer, many: peers)
        )
    }

    private func caller(_ client: SwitchboardClient, _ texts: [UtteranceText]) -> ClassifyCaller {
        ClassifyCaller(client.gateway, texts: texts, llm: .always, deadline: Self.deadline)
    }

    /// - Parameter peer: llama-bench's times for one prompt of so many tokens, on one thread and on all.
    static func reports(
        _ single: CallTally,
        _ many: CallTally,
        promptTokens: Int,
        _ peer: (single: LatencySamples, many: LatencySamples)?,
    ) -> [BenchReport] {
        var first = BenchReport("classify", inFlight: 1, samples: single.samples, errors: single.errors)
        var second = BenchReport("classify", inFlight: inFlight, samples: many.samples, errors: many.errors)
        if let peer {
            first.compared["llama_bench"] = peer.single.peer
            if let own = single.samples.latency, let theirs = peer.single.latency {
                first.compare("p50_to_llama_bench", own.p50 / theirs.p50, .atMost(1.35))
            }
            // A pass reads one prompt.
            second.compared["llama_bench"] = peer.many.peer
            second.compare("throughput_to_llama_bench", many.samples.perSecond / peer.many.perSecond, .atLeast(0.75))
        }
        func note(_ tally: CallTally, in report: inout BenchReport) {
            report.note("llm_answered", Double(tally.scored) / Double(max(tally.samples.count, 1)), .atLeast(1))
            report.note("prompt_tokens", Double(promptTokens))
        }
        note(single, in: &first)
        note(many, in: &second)
        return [first, second]
    }
}
