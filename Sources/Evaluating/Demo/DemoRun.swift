internal import Calls
internal import Core
package import SwitchboardClient
internal import Wire

/// The story that `deploy/demo` shows, on a node of its own: pairs stream into the live index while callers ask.
///
/// Callers and publisher are tasks of the run; figures are told to `show` twice a second. Everything goes through real
/// sockets of the node.
package actor DemoRun {
    package struct Ending: Sendable {
        /// Over all test utterances once all pairs were in, 0...1.
        package let accuracy: Double
        package let asked: Int
        /// Share of out-of-scope utterances that got UNKNOWN; nil where there are none.
        package let refused: Double?
    }

    private let data: DemoData
    private let client: SwitchboardClient
    private let pairsPerSecond: Double
    private var figures = DemoFigures()
    private var answers = RecentAnswers()
    private var intents: Set<NamedIntent> = []
    private var isStreaming = true
    private let start = ContinuousClock.now

    /// - Parameter pairsPerSecond: how fast pairs are published, so that a person can watch.
    package init(data: DemoData, client: SwitchboardClient, pairsPerSecond: Double) {
        self.data = data
        self.client = client
        self.pairsPerSecond = pairsPerSecond
        figures.totalPairs = data.train.count
    }

    /// Streams all pairs while callers ask, and tells the figures meanwhile.
    package func stream(show: @escaping @Sendable (DemoFigures) -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.publishAll() }
            for caller in 0..<2 { group.addTask { try await self.ask(from: caller) } }
            group.addTask {
                while await self.isStreaming {
                    try await Task.sleep(for: .milliseconds(500))
                    show(await self.current())
                }
            }
            try await group.waitForAll()
        }
    }

    private func publishAll() async throws {
        let batchSize = max(1, Int(pairsPerSecond / 5))
        var number = 0
        while number < data.train.count {
            let batch = Array(data.train[number..<min(number + batchSize, data.train.count)])
            try await publish(batch)
            number += batch.count
            figures.pairs = number
            intents.formUnion(batch.map(\.gold))
            let due = start + .seconds(Double(number) / pairsPerSecond)
            if due > .now { try await Task.sleep(until: due) }
        }
        isStreaming = false
    }

    private func ask(from caller: Int) async throws {
        var number = caller
        while isStreaming {
            let pair = data.test[number % data.test.count]
            number += 2
            try await ask(pair)
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private func ask(_ pair: EvalUtterance) async throws {
        let start = ContinuousClock.now
        do {
            let response = try await client.gateway.call(Methods.classify, ClassifyRequest(text: pair.text))
            answers.add(isRight: Self.isRight(response, pair), milliseconds: (.now - start).milliseconds)
        } catch {
            guard error.code == .resourceExhausted || error.code == .deadlineExceeded else { throw error }
            answers.add(isRight: false, milliseconds: (.now - start).milliseconds)
        }
    }

    private static func isRight(_ response: ClassifyResponse, _ pair: EvalUtterance) -> Bool {
        response.candidates.first.map { NamedIntent(vertical: $0.vertical, path: $0.intent) == pair.gold } ?? false
    }

    private func current() -> DemoFigures {
        var figures = figures
        figures.seconds = start.duration(to: .now).seconds
        figures.pairsPerSecond = Double(figures.pairs) / max(figures.seconds, 0.001)
        figures.intents = intents.count
        figures.asked = answers.count
        figures.accuracy = answers.accuracy
        figures.latency = answers.latency
        return figures
    }

    // MARK: The end of the story

    /// Asks every test utterance once, now that all pairs are in.
    package func ending() async throws -> Ending {
        var right = 0
        for pair in data.test {
            let response = try await client.gateway.call(Methods.classify, ClassifyRequest(text: pair.text))
            if Self.isRight(response, pair) { right += 1 }
        }
        var refused = 0
        for text in data.outOfScope {
            let response = try await client.gateway.call(Methods.classify, ClassifyRequest(text: text))
            if response.outcome == .unknown { refused += 1 }
        }
        return Ending(
            accuracy: Double(right) / Double(max(data.test.count, 1)),
            asked: data.test.count,
            refused: data.outOfScope.isEmpty ? nil : Double(refused) / Double(data.outOfScope.count),
        )
    }

    /// Asks for the intent that nobody knows yet, or by now does.
    package func askForNewIntent() async throws -> [(answer: Classification, isRight: Bool)] {
        var answers: [(Classification, Bool)] = []
        for pair in data.newQuestions {
            let response = try await client.gateway.call(
                Methods.classify,
                ClassifyRequest(text: pair.text, evidence: 2)
            )
            answers.append((Classification(response), Self.isRight(response, pair)))
        }
        return answers
    }

    /// Streams the new intent's pairs.
    ///
    /// - Returns: how long it took until every replica had them.
    package func learnNewIntent() async throws -> Duration {
        let start = ContinuousClock.now
        try await publish(data.newIntent)
        return start.duration(to: .now)
    }

    private func publish(_ pairs: [EvalUtterance]) async throws {
        let commands = pairs.map {
            LogCommand.upsert(UpsertCommand(vertical: $0.gold.vertical, text: $0.text, path: $0.gold.path))
        }
        let batch = AppendBatch(
            operation: Bits128.random().bytes,
            source: "demo",
            author: "demo",
            commands: commands
        )
        _ = try await client.updater.call(Methods.append, AppendRequest(batch: batch, wait: .applied))
    }
}
