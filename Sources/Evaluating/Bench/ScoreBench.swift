internal import Core
internal import Models
internal import Node

/// The language model's score of 3, 5 and 10 candidates with 10 pairs in the prompt, on one thread: the prompt once and
/// all candidates on top of it, beside a full pass for each candidate, and beside full sequences for all of them in one
/// batch, the way of REIC's paper; stopping early, where nothing but the model speaks for any of them; and pairs that stand
/// apart, what the model makes of each of them kept since it was asked before.
package struct ScoreBench: Sendable {
    private static let pairs = 10

    private let settings: BenchSettings
    private let corpus: BenchCorpus

    package init(_ settings: BenchSettings, corpus: BenchCorpus) {
        self.settings = settings
        self.corpus = corpus
    }

    package func run() async throws -> [BenchReport] {
        guard let path = settings.models.scorer else {
            throw SwitchboardError.invalid("no language model is installed; deploy/setup installs one")
        }
        return try await WorkThread("bench-score").run { [self] in
            let backend = LlamaBackend()
            let adapter = settings.models.adapter
            let served = try ScorerModel(path: path, adapterPath: adapter, backend: backend)
            guard served.settings.form == .joined else {
                throw SwitchboardError.invalid(
                    "\(adapter ?? "the adapter") is for pairs that stand apart; name one for the usual prompt, or 'none'"
                )
            }
            let shared = try ScorerContext(model: served)
            // A whole prompt goes into one call there, which is the fastest way without sharing.
            let plain = try ScorerContext(
                model: ScorerModel(
                    path: path,
                    adapterPath: adapter,
                    settings: ScorerSettings(pieceTokens: 512),
                    backend: backend
                )
            )
            // All sequences of one batch side by side.
            let batched = try ScorerContext(
                model: ScorerModel(
                    path: path,
                    adapterPath: adapter,
                    settings: ScorerSettings(contextTokens: 4_096, pieceTokens: 512),
                    backend: backend
                ),
                outputs: 512
            )
            // An adapter says itself what it is for, so the model is by itself here: its ratios hold where none is loaded at all.
            let apart = try ScorerContext(
                model: ScorerModel(path: path, settings: ScorerSettings(form: .apart), backend: backend)
            )
            return try settings.choose([3, 5, 10], quick: [3]).map { candidates in
                settings.tell("scoring \(candidates) candidates")
                return try measure(candidates, shared, plain, batched, apart)
            }
        }
    }

    private func measure(
        _ candidates: Int,
        _ shared: ScorerContext,
        _ plain: ScorerContext,
        _ batched: ScorerContext,
        _ apart: ScorerContext,
    ) throws(SwitchboardError) -> BenchReport {
        var random = SeededGenerator(seed: settings.seed)
        let pairCount = settings.choose(Self.pairs, quick: 3)
        let inputs = try (0..<settings.choose(6, quick: 1)).map { number throws(SwitchboardError) in
            try Self.input(corpus, question: number, candidates: candidates, pairs: pairCount, &random)
        }
        if !settings.isQuick {
            // The first use of a context costs memory and page faults.
            _ = try shared.score(inputs[0], interruption: .none)
            _ = try plain.scoreOneByOne(inputs[0], inOnePass: true)
            _ = try batched.scoreInOneBatch(inputs[0])
        }
        var own = LatencySamples()
        var peer = LatencySamples()
        var batch = LatencySamples()
        var early = LatencySamples()
        var kept = LatencySamples()
        var promptTokens = 0
        var difference = 0.0
        for input in inputs {
            let begin = ContinuousClock.now
            let scores = try shared.score(input, interruption: .none)
            let middle = ContinuousClock.now
            let plainScores = try plain.scoreOneByOne(input, inOnePass: true)
            let end = ContinuousClock.now
            let batchScores = try batched.scoreInOneBatch(input)
            batch.take(end.duration(to: .now))
            var stopping = input
            stopping.headStarts = Array(repeating: 0, count: input.candidates.count)
            let start = ContinuousClock.now
            _ = try shared.score(stopping, interruption: .none)
            early.take(start.duration(to: .now))
            _ = try apart.score(input, interruption: .none)
            let again = ContinuousClock.now
            _ = try apart.score(input, interruption: .none)
            kept.take(again.duration(to: .now))
            own.take(begin.duration(to: middle))
            peer.take(middle.duration(to: end))
            promptTokens += scores.promptTokens
            for others in [plainScores, batchScores] {
                for (left, right) in zip(scores.logProbabilities, others.logProbabilities) {
                    difference = max(difference, abs(left - right))
                }
            }
        }
        var report = BenchReport("score", inFlight: 1, samples: own)
        report.compared["one_pass_a_candidate"] = peer.peer
        if let own = own.latency, let peer = peer.latency {
            let target = [3: BenchTarget.atLeast(2.3), 10: .atLeast(6)][candidates]
            report.compare("one_pass_a_candidate_p50_to_p50", peer.p50 / own.p50, target)
        }
        report.compared["paper"] = batch.peer
        if let own = own.latency, let paper = batch.latency {
            report.compare("paper_p50_to_p50", paper.p50 / own.p50, candidates == 10 ? .atLeast(6) : nil)
        }
        report.compared["stops_early"] = early.peer
        if let own = own.latency, let early = early.latency {
            report.compare("stops_early_p50_to_p50", early.p50 / own.p50, nil)
        }
        report.compared["pairs_kept"] = kept.peer
        if let own = own.latency, let kept = kept.latency, let paper = batch.latency {
            report.compare("p50_to_pairs_kept_p50", own.p50 / kept.p50, candidates == 5 ? .atLeast(3) : nil)
            report.compare("paper_p50_to_pairs_kept_p50", paper.p50 / kept.p50, candidates == 10 ? .atLeast(10) : nil)
        }
        report.note("candidates", Double(candidates))
        report.note("pairs", Double(pairCount))
        report.note("prompt_tokens", Double(promptTokens) / Double(inputs.count))
        report.note("largest_difference", difference)
        return report
    }

    /// A question with pairs of as many intents as there are candidates.
    static func input(
        _ corpus: BenchCorpus,
        question: Int,
        candidates: Int,
        pairs count: Int,
        _ random: inout SeededGenerator,
    ) throws(SwitchboardError) -> ScoringInput {
        let byIntent = Dictionary(grouping: corpus.pairs, by: \.gold.path)
        let intents = byIntent.keys.sorted().shuffled(using: &random).prefix(candidates)
        guard intents.count == candidates else {
            throw .invalid("the set has \(intents.count) intents; \(candidates) candidates need as many")
        }
        var pairs: [ScoringInput.Pair] = []
        while pairs.count < count {
            let intent = intents[pairs.count % candidates]
            // Each key of a grouping has at least one member.
            let pair = byIntent[intent]!.randomElement(using: &random)!
            pairs.append(ScoringInput.Pair(query: pair.text, intent: intent))
        }
        return ScoringInput(
            text: corpus.questions[question % corpus.questions.count],
            pairs: pairs,
            candidates: Array(intents)
        )
    }
}
