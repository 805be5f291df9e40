internal import Core
internal import Node
internal import SwitchboardClient

/// Asking the language model only where the other evidence is not sure (`AUTO`), beside asking it about every utterance
/// (`ALWAYS`): throughput with 16 calls in flight, accuracy of both, and the share that was asked about.
///
/// The policy is fitted as `eval` fits it; nothing is fitted on what is asked.
package struct AutoBench: Sendable {
    private static let inFlight = 16
    /// How many utterances are asked one way before the other way has its turn.
    private static let stretch = 100

    private let settings: BenchSettings
    private let data: EvalData
    private let sample: Int

    /// - Parameter sample: at most so many test utterances are asked, chosen by the seed.
    package init(_ settings: BenchSettings, data: EvalData, sample: Int) {
        self.settings = settings
        self.data =
            settings.isQuick
            ? EvalData(
                train: Array(data.train.prefix(60)),
                valid: Array(data.valid.prefix(20)),
                test: Array(data.test.prefix(20))
            ) : data
        self.sample = settings.choose(sample, quick: 8)
    }

    package func run() async throws -> [BenchReport] {
        guard settings.models.scorer != nil else {
            throw SwitchboardError.invalid("no language model is installed; deploy/setup installs one")
        }
        return try await TemporaryNode.run(
            models: settings.models,
            computeThreads: settings.computeThreads,
            languageBatchTokens: settings.languageBatchTokens,
        ) { client in
            [try await measure(client)]
        }
    }

    private func measure(_ client: SwitchboardClient) async throws -> BenchReport {
        let evaluation = EvalSettings(
            llm: .auto,
            callsInFlight: Self.inFlight,
            leaveOneOutSample: settings.choose(3_000, quick: 20),
            llmFitSample: settings.choose(400, quick: 4),
            seed: settings.seed,
            deadline: .seconds(60),
        )
        settings.tell("loading \(data.train.count) utterances, and fitting the policy")
        let run = EvalRun(client: client, data: data, settings: evaluation)
        let (position, fitted) = try await run.prepare()
        for words in fitted.words { settings.tell("fitted: \(words)") }
        let questions = self.questions()
        settings.tell("asking \(questions.count) utterances, with AUTO and with ALWAYS in turns")
        var (auto, always) = (Side(), Side())
        for part in questions.chunks(of: Self.stretch) {
            for mode in [LLMMode.auto, .always] {
                var asking = evaluation
                asking.llm = mode
                let asker = EvalAsker(client: client, settings: asking, verticals: data.verticals, position: position)
                let start = ContinuousClock.now
                let answers = try await asker.ask(Array(part)) { _ in }
                let seconds = start.duration(to: .now).seconds
                if mode == .auto { auto.add(answers, seconds) } else { always.add(answers, seconds) }
            }
        }
        return Self.report(auto, always)
    }

    private func questions() -> [EvalAsker.Question] {
        var generator = SeededGenerator(seed: settings.seed)
        return data.test.shuffled(using: &generator).prefix(sample)
            .map { EvalAsker.Question(text: $0.text, gold: $0.gold, turns: $0.turns) }
    }

    /// The answers of one way.
    struct Side {
        private(set) var answers: [EvalAnswer] = []
        private(set) var seconds = 0.0

        mutating func add(_ more: [EvalAnswer], _ time: Double) {
            answers += more
            seconds += time
        }

        var samples: LatencySamples { LatencySamples(nanoseconds: [], count: answers.count, seconds: seconds) }
        var accuracy: Double { Measure.share(answers.map(\.isRight)) ?? 0 }
        /// Where the language model was wanted, whether or not it answered in time.
        var asked: Double { Measure.share(answers.map { $0.decidedBy == .llm || $0.decidedBy == .degraded }) ?? 0 }
        var degraded: Double { Measure.share(answers.map { $0.decidedBy == .degraded }) ?? 0 }
    }

    static func report(_ auto: Side, _ always: Side) -> BenchReport {
        var report = BenchReport("classify", inFlight: inFlight, samples: auto.samples)
        report.compared["always"] = BenchReport.Peer(perSecond: always.samples.perSecond)
        report.compare(
            "throughput_to_always",
            auto.samples.perSecond / always.samples.perSecond,
            .atLeast(3.5)
        )
        report.note("accuracy", auto.accuracy)
        report.note("always_accuracy", always.accuracy)
        report.note("accuracy_lost_points", (always.accuracy - auto.accuracy) * 100, .atMost(0.2))
        report.note("asked", auto.asked)
        report.note("always_asked", always.asked)
        report.note("degraded", auto.degraded + always.degraded, .atMost(0))
        return report
    }
}
