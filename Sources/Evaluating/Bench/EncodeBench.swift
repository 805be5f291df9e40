internal import Core
internal import Models
internal import Node

/// The encoder through the compute queue, on one thread and with texts of 12 tokens: one by one beside llama-bench, and
/// batched from calls that wait.
package struct EncodeBench: Sendable {
    package static let tokens = 12
    private static let callers = 64
    private static let words =
        "please help me with the order that came last week it was late and one part is still missing from box can you "
        + "send new or give my money back today because need this for work where how long will take phone says no"

    private let settings: BenchSettings

    package init(_ settings: BenchSettings) {
        self.settings = settings
    }

    package func run() async throws -> [BenchReport] {
        let encoder = try EncoderAlone(path: settings.models.encoder)
        let texts = try await texts(encoder)
        let llamaBench = LlamaBench(cachePath: settings.cachePath)
        if llamaBench == nil {
            settings.tell("without llama-bench to compare with; \(LlamaBench.remedy) installs it")
        }
        let queue = ComputeQueue(encoder: encoder.model, scorer: nil, limits: .init(threads: 1))
        try await queue.start()
        do {
            let reports = try await measure(queue, encoder.model.path, texts, llamaBench)
            await queue.shutDown()
            return reports
        } catch {
            await queue.shutDown()
            throw error
        }
    }

    /// Some hundred texts of so many tokens with the two that frame them, of everyday words that are a token each.
    private func texts(_ encoder: EncoderAlone) async throws -> [String] {
        let words = Self.words.split(separator: " ")
        var random = SeededGenerator(seed: settings.seed)
        let texts = (0..<settings.choose(400, quick: 40)).map { _ in
            (0..<Self.tokens - 2).map { _ in String(words.randomElement(using: &random) ?? "please") }
                .joined(separator: " ")
        }
        let counts = try await encoder.encode(texts, threads: 1)
        let fitting = zip(texts, counts).filter { $1.tokens == Self.tokens }.map(\.0)
        guard fitting.count >= texts.count / 2 else {
            throw SwitchboardError(.failedPrecondition, "this encoder's tokens are no English words")
        }
        return fitting
    }

    private func measure(
        _ queue: ComputeQueue,
        _ path: String,
        _ texts: [String],
        _ llamaBench: LlamaBench?,
    ) async throws -> [BenchReport] {
        settings.tell("encoding one by one, and in batches out of \(Self.callers) waiting calls")
        let passes = settings.choose(100, quick: 5)
        let seconds = settings.choose(1.5, quick: 0.1)
        var single = LatencySamples()
        var batched = LatencySamples()
        var peer = LatencySamples()
        var peerBatched = LatencySamples()
        var batches = 0
        var batchedTexts = 0.0
        // Around and around, so that a change of the machine's pace meets all of them.
        for _ in 0..<settings.choose(5, quick: 1) {
            single.append(try await ask(queue, texts, callers: 1, seconds: seconds))
            let before = queue.statistics.batchTexts
            batched.append(try await ask(queue, texts, callers: Self.callers, seconds: seconds))
            let after = queue.statistics.batchTexts
            batches += after.count - before.count
            batchedTexts += after.sum - before.sum
            guard let llamaBench else { continue }
            peer.append(try await llamaBench.encode(model: path, tokens: Self.tokens, passes: passes))
            let tokens = Int((batchedTexts / Double(max(batches, 1))).rounded()) * Self.tokens
            peerBatched.append(try await llamaBench.encode(model: path, tokens: tokens, passes: max(passes / 5, 2)))
        }
        let batch = batchedTexts / Double(max(batches, 1))
        return Self.reports(
            single,
            batched,
            textsPerBatch: batch,
            llamaBench == nil ? nil : (single: peer, batched: peerBatched)
        )
    }

    /// So many callers that each ask for one text after the other.
    private func ask(
        _ queue: ComputeQueue,
        _ texts: [String],
        callers: Int,
        seconds: Double,
    ) async throws -> LatencySamples {
        let start = ContinuousClock.now
        let end = start + .seconds(seconds)
        return try await withThrowingTaskGroup(of: LatencySamples.self) { group in
            for caller in 0..<callers {
                group.addTask {
                    var samples = LatencySamples()
                    var place = caller
                    var now = ContinuousClock.now
                    while now < end {
                        let begin = now
                        _ = try await queue.encode([texts[place % texts.count]], ComputeOrder(.live))
                        place += callers
                        now = .now
                        samples.add(begin.duration(to: now))
                    }
                    samples.seconds = start.duration(to: now).seconds
                    return samples
                }
            }
            return try await group.reduce(into: LatencySamples()) { $0.join($1) }
        }
    }

    /// - Parameter peer: llama-bench's times for one text and for as many tokens as our batches have.
    static func reports(
        _ single: LatencySamples,
        _ batched: LatencySamples,
        textsPerBatch: Double,
        _ peer: (single: LatencySamples, batched: LatencySamples)?,
    ) -> [BenchReport] {
        var first = BenchReport("encode", inFlight: 1, samples: single)
        first.note("tokens", Double(tokens))
        var second = BenchReport("encode", inFlight: callers, samples: batched)
        second.compared["one_by_one"] = single.peer
        second.note("texts_per_batch", textsPerBatch)
        let gain = batched.perSecond / single.perSecond
        second.compare("throughput_to_one_by_one", gain)
        if let peer, let own = single.latency, let theirs = peer.single.latency, let pass = peer.batched.latency {
            first.compared["llama_bench"] = peer.single.peer
            first.compare("p50_to_llama_bench", own.p50 / theirs.p50, .atMost(1.15))
            // A pass is a whole batch, so its texts are counted.
            let peerTexts = textsPerBatch.rounded() * peer.batched.perSecond
            second.compared["llama_bench"] = BenchReport.Peer(perSecond: peerTexts, latencyUs: pass)
            let peerGain = peerTexts / peer.single.perSecond
            second.compare("llama_bench_throughput_to_one_by_one", peerGain)
            // As much is asked for as llama.cpp itself gains.
            second.targets["throughput_to_one_by_one"] = .atLeast(min(1.5, peerGain))
        }
        return [first, second]
    }
}
