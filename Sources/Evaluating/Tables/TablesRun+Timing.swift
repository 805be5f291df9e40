internal import Calls
internal import Core
internal import SwitchboardClient
internal import Wire

// How long a method takes from text to answer: the median of single calls, one after the other, in milliseconds.
extension TablesRun {
    func linearTimes(_ material: Material) async throws -> (words: Double?, head: Double?) {
        let baselines = material.baselines
        let words = try await median { text in
            _ = baselines.words.answer(to: baselines.texts.tfidf.row(of: text.value))
        }
        let head = try await median { text in
            let vectors = try await patiently {
                try await client.gateway.call(
                    Methods.encode,
                    EncodeRequest(texts: [text]),
                    within: settings.deadline
                ).vectors
            }
            for vector in vectors { _ = baselines.head.answer(to: FeatureRow(vector)) }
        }
        return (words, head)
    }

    /// By the retriever.
    func votingTimes(_ material: Material) async throws -> [String: Double] {
        let texts = material.baselines.texts
        let asker = asker(material.position)
        let (k, most) = (settings.k, depth)
        let bm25 = try await median { text in
            _ = Ranking(texts.bm25.nearest(text.value, k), of: texts.exemplars).answer(k, gold: nil)
        }
        let encoder = try await median { text in
            let sample = try await asker.nearest(text, k)
            _ = Ranking(sample).answer(k, gold: nil)
        }
        let hybrid = try await median { text in
            let sample = try await asker.nearest(text, most)
            let hits = texts.bm25.nearest(text.value, most)
            _ = Ranking(fusing: hits, of: texts.exemplars, with: sample).answer(k, gold: nil)
        }
        let times: [String: Double?] = ["bm25": bm25, "encoder": encoder, "hybrid": hybrid]
        return times.compactMapValues { $0 }
    }

    func retrievalTime(_ k: Int, _ material: Material) async throws -> Double? {
        let asker = asker(material.position)
        return try await median { text in _ = try await asker.nearest(text, k) }
    }

    func classifyTime(_ mode: LLMMode, _ material: Material) async throws -> Double? {
        let count = mode == .off ? tables.timedCalls : tables.timedLLMCalls
        let questions = EvalRun.questions(base.sample(data.test, count), outOfScope: [])
        let timings = try await asker(material.position, llm: mode).time(questions) {
            progress(EvalProgress(.timing, done: $0, of: $1))
        }
        return Measure.percentile(0.5, of: timings.map(\.total))?.roundedMilliseconds
    }

    func choiceTime(_ intents: [Vertical: [IntentPath]], _ material: Material) async throws -> Double? {
        let asker = asker(material.position)
        var times: [Duration] = []
        for utterance in base.sample(data.test, tables.timedLLMCalls) {
            guard let candidates = intents[utterance.gold.vertical], !candidates.isEmpty else { continue }
            let start = ContinuousClock.now
            _ = try await asker.choose(utterance.text, among: candidates)
            times.append(.now - start)
        }
        return Measure.percentile(0.5, of: times)?.roundedMilliseconds
    }

    private func median(_ work: (UtteranceText) async throws -> Void) async throws -> Double? {
        var times: [Duration] = []
        for text in base.sample(data.test.map(\.text), tables.timedCalls) {
            let start = ContinuousClock.now
            try await work(text)
            times.append(.now - start)
        }
        return Measure.percentile(0.5, of: times)?.roundedMilliseconds
    }
}
