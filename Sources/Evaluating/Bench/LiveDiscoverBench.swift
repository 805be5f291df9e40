internal import Core
internal import Foundation
internal import SwitchboardClient
internal import Wire

/// What a run of discovery costs those who ask: classifying at half its highest rate, in an open loop, alone and while runs
/// over the corpus's own utterances go on in the same node, one after the other.
///
/// The first run encodes them; those after it cluster, judge and name alone.
package struct LiveDiscoverBench: Sendable {
    private static let pool = "bench"

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
        try await BenchNode.run(settings, corpus, discovers: true) { node in [try await measure(node)] }
    }

    private func measure(_ node: BenchNode) async throws -> BenchReport {
        let caller = ClassifyCaller(node.client.gateway, texts: corpus.questions, llm: .off)
        _ = try await caller.ask(inFlight: 4, count: settings.choose(200, quick: 4))
        settings.tell("looking for the highest rate")
        let highest = try await caller.ask(inFlight: 16, seconds: settings.choose(5, quick: 0.1)).samples.perSecond
        let seconds = settings.choose(30, quick: 0.5)
        let schedule = ArrivalSchedule(perSecond: highest / 2, seconds: seconds, seed: settings.seed)
        settings.tell("classifying \(Int(highest / 2)) utterances a second, alone")
        var alone = try await caller.ask(at: schedule)
        _ = try await node.client.addToPool(entries(), pool: Self.pool)
        settings.tell("the same beside runs over \(corpus.pairs.count) utterances")
        let beside = try await ask(caller, schedule, node.client)
        settings.tell("the same alone again")
        alone.append(try await caller.ask(at: schedule))

        // No fixed number of calls is in flight in an open loop.
        let calls = beside.calls
        var report = BenchReport("discover-live", inFlight: 0, samples: calls.samples, errors: calls.errors)
        report.compared["without_run"] = alone.samples.peer
        if let own = calls.samples.latency, let peer = alone.samples.latency {
            report.compare("p99_to_without_run", own.p99 / peer.p99, .atMost(1.5))
        }
        report.note("scheduled_per_second", highest / 2)
        report.note("utterances", Double(corpus.pairs.count))
        report.note("runs_begun", Double(beside.runs))
        return report
    }

    private func entries() -> [PoolEntry] {
        let now = Int64(Date().timeIntervalSince1970 * 1e6)
        return corpus.pairs.map { pair in
            PoolEntry(text: pair.text, vertical: pair.gold.vertical, reason: .file, timeMicroseconds: now)
        }
    }

    private func ask(
        _ caller: ClassifyCaller,
        _ schedule: ArrivalSchedule,
        _ client: SwitchboardClient,
    ) async throws -> (calls: CallTally, runs: Int) {
        try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask { try await Self.discover(client) }
            let calls = try await caller.ask(at: schedule)
            group.cancelAll()
            let runs = try await group.next() ?? 0
            return (calls: calls, runs: runs)
        }
    }

    /// One run after the other until it is cancelled.
    ///
    /// - Returns: how many were begun.
    /// - Throws: where one of them does not finish.
    private static func discover(_ client: SwitchboardClient) async throws -> Int {
        var settings = DiscoverySettings()
        var begun = 0
        while true {
            begun += 1
            settings.seed = UInt64(begun)
            do {
                let run = try await client.startRun(pool: pool, settings: settings)
                var last: RunProgress?
                for try await state in client.watchRun(run) { last = state.progress }
                guard last?.phase == .finished else {
                    throw SwitchboardError(.internal, "a run did not finish: \(last?.note ?? "nothing was said of it")")
                }
            } catch {
                // What ends the measurement ends the watching, whatever that says.
                guard Task.isCancelled else { throw error }
                return begun
            }
        }
    }
}
