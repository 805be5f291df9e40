internal import Core
internal import Models
internal import SwitchboardClient

/// What updates cost those who ask: classifying at half its highest rate, in an open loop, alone and while pairs stream
/// in, and how soon after its receipt a batch is in the index.
package struct UpdateBench: Sendable {
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
        try await BenchNode.run(settings, corpus) { node in try await measure(node) }
    }

    private func measure(_ node: BenchNode) async throws -> [BenchReport] {
        let caller = ClassifyCaller(node.client.gateway, texts: corpus.questions, llm: .off)
        _ = try await caller.ask(inFlight: 4, count: settings.choose(200, quick: 4))
        settings.tell("looking for the highest rate")
        let highest = try await caller.ask(inFlight: 16, seconds: settings.choose(5, quick: 0.1)).samples.perSecond
        let seconds = settings.choose(15, quick: 0.2)
        let schedule = ArrivalSchedule(perSecond: highest / 2, seconds: seconds, seed: settings.seed)
        var pairs = UpdatePairs(
            vectors: NoisyVectors(around: node.vectors, seed: settings.seed),
            corpus: corpus,
            encoder: node.encoder.model.id,
        )
        settings.tell("classifying \(Int(highest / 2)) utterances a second, alone")
        var alone = try await caller.ask(at: schedule)
        settings.tell("the same while 50 pairs a second come in that the node encodes")
        let encoded = try await ask(
            caller,
            schedule,
            UpdateStream(batches: pairs.batches(ofTexts: 1, perSecond: 50, seconds: seconds), in: seconds, node.client)
        )
        settings.tell("the same while 1,000 pairs a second come in with their vectors")
        let brought = try await ask(
            caller,
            schedule,
            UpdateStream(
                batches: pairs.batches(ofVectors: 50, perSecond: 20, seconds: seconds),
                in: seconds,
                node.client
            )
        )
        settings.tell("the same alone, with all that came in")
        alone.append(try await caller.ask(at: schedule))
        return [
            report(encoded, alone, rate: highest / 2, seconds: seconds),
            report(brought, alone, rate: highest / 2, seconds: seconds),
        ]
    }

    private struct Phase {
        let calls: CallTally
        let updates: UpdateTally
    }

    private func ask(
        _ caller: ClassifyCaller,
        _ schedule: ArrivalSchedule,
        _ stream: UpdateStream,
    ) async throws -> Phase {
        async let updates = stream.run()
        let calls = try await caller.ask(at: schedule)
        return Phase(calls: calls, updates: try await updates)
    }

    private func report(_ phase: Phase, _ alone: CallTally, rate: Double, seconds: Double) -> BenchReport {
        // No fixed number of calls is in flight in an open loop.
        var report = BenchReport("update", inFlight: 0, samples: phase.calls.samples, errors: phase.calls.errors)
        report.compared["without_updates"] = alone.samples.peer
        if let own = phase.calls.samples.latency, let peer = alone.samples.latency {
            report.compare("p99_to_without_updates", own.p99 / peer.p99, .atMost(2))
        }
        report.note("scheduled_per_second", rate)
        report.note("pairs_per_second", Double(phase.updates.pairs) / seconds)
        report.note("batches_failed", Double(phase.updates.failures))
        report.note("receipt_p99_ms", phase.updates.receipts.latency.map { $0.p99 / 1e3 })
        if phase.updates.bringsVectors {
            report.note("receipt_to_applied_batches", Double(phase.updates.applied.count))
            report.note("receipt_to_applied_p50_ms", phase.updates.applied.latency.map { $0.p50 / 1e3 })
            report.note("receipt_to_applied_p99_ms", phase.updates.applied.latency.map { $0.p99 / 1e3 }, .atMost(30))
        }
        return report
    }
}
