internal import Calls
internal import Core
internal import Models
internal import Node
internal import SwitchboardClient
internal import Wire

extension ClusterBench {
    /// Two retrievers are asked; one is killed in the middle, and another comes. What is looked at are the calls that were
    /// under way then, or began within the second after.
    func failover(_ material: Material) async throws -> BenchReport {
        settings.tell("killing the retriever that holds calls, again and again")
        return try await BenchCluster.with(settings) { cluster in
            let front = try await cluster.front(answers: false)
            return try await SwitchboardClient.with(.init(gateway: front.router, updater: front.index)) { client in
                var held = LatencySamples()
                var usual = LatencySamples()
                var errors = 0
                var workers = [try await cluster.worker("retriever", of: front)]
                workers.append(try await cluster.worker("retriever", of: front))
                try await fill(client, material)
                for _ in 0..<settings.choose(10, quick: 1) {
                    let calls = TimedCalls(client.gateway, texts: corpus.questions)
                    async let answers = calls.ask(inFlight: 4, seconds: settings.choose(4, quick: 1))
                    try await Task.sleep(for: .seconds(settings.choose(2, quick: 0.3)))
                    let killed = ContinuousClock.now
                    await workers.removeFirst().kill()
                    for answer in await answers {
                        guard answer.ended >= killed else {
                            usual.take(answer.ended - answer.began)
                            continue
                        }
                        errors += answer.isError ? 1 : 0
                        if answer.began < killed + .seconds(1) { held.take(answer.ended - answer.began) }
                    }
                    workers.append(try await cluster.worker("retriever", of: front))
                    // It has to be attached before the other one is killed.
                    try await Task.sleep(for: .seconds(settings.choose(4, quick: 1)))
                }
                var report = BenchReport("cluster-failover", inFlight: 4, samples: held, errors: errors)
                report.compared["before"] = usual.peer
                report.note("slowest_s", held.latency.map { $0.max / 1e6 }, .atMost(1.2))
                if let ranks = Measure.percentiles([0.5, 0.95], of: usual.nanoseconds) {
                    let hedged = ranks[0] + 2 * ranks[1]
                    report.note(
                        "later_than_hedged_share",
                        Double(held.nanoseconds.count { $0 > hedged }) / Double(max(held.count, 1))
                    )
                }
                return report
            }
        }
    }
}

/// Calls in a closed loop, each with its times.
private actor TimedCalls {
    nonisolated let channel: CallChannel
    nonisolated var unownedExecutor: UnownedSerialExecutor { channel.unownedExecutor }
    private let texts: [UtteranceText]

    struct Answer: Sendable {
        let began: ContinuousClock.Instant
        let ended: ContinuousClock.Instant
        let isError: Bool
    }

    init(_ channel: CallChannel, texts: [UtteranceText]) {
        self.channel = channel
        self.texts = texts
    }

    func ask(inFlight: Int, seconds: Double) async -> [Answer] {
        let end = ContinuousClock.now + .seconds(seconds)
        return await withTaskGroup(of: [Answer].self) { group in
            for lane in 0..<inFlight { group.addTask { await self.ask(from: lane, until: end) } }
            var all: [Answer] = []
            for await part in group { all += part }
            return all
        }
    }

    private func ask(from lane: Int, until end: ContinuousClock.Instant) async -> [Answer] {
        var answers: [Answer] = []
        while ContinuousClock.now < end {
            let request = ClassifyRequest(
                text: texts[(lane * 97 + answers.count) % texts.count],
                llm: .off,
                doNotStore: true
            )
            let began = ContinuousClock.now
            let response = try? await channel.call(Methods.classify, request, within: .seconds(10))
            answers.append(Answer(began: began, ended: .now, isError: response == nil))
        }
        return answers
    }
}
