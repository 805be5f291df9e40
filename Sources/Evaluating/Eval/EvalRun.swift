internal import Calls
package import Core
package import SwitchboardClient
internal import Wire

/// One evaluation against a node: loads, fits, measures, in the order that keeps test data out of everything fitted.
///
/// Talks to the node through sockets only, as any client does. A value; its calls run on the caller's task. It does not
/// start the node.
package struct EvalRun: Sendable {
    let client: SwitchboardClient
    let data: EvalData
    let settings: EvalSettings
    let progress: EvalProgressReport

    package init(
        client: SwitchboardClient,
        data: EvalData,
        settings: EvalSettings,
        progress: @escaping EvalProgressReport = { _ in },
    ) {
        self.client = client
        self.data = data
        self.settings = settings
        self.progress = progress
    }

    /// Carries it all out.
    ///
    /// Without train data nothing is loaded or fitted: the node is measured as it stands.
    /// - Throws: `SwitchboardError` of the first call that failed; `.failedPrecondition` where the node holds exemplars in
    ///   the train data's verticals already.
    package func run() async throws -> EvalOutcome {
        try settings.validate()
        guard !data.test.isEmpty else { throw SwitchboardError.invalid("there is no test utterance to measure") }
        let (position, fitted) = try await prepare()
        return try await measure(at: position, fitted)
    }

    /// Loads and fits what there is train data for.
    ///
    /// - Returns: also where the log stands then; nil where nothing was loaded.
    /// - Throws: as `run`.
    func prepare() async throws -> (position: LogPosition?, fitted: Fitted) {
        guard !data.train.isEmpty else { return (nil, Fitted()) }
        try await requireEmptyVerticals()
        let loader = EvalLoader(client: client, settings: settings)
        var position = try await loader.load(data.train) { progress(EvalProgress(.loading, done: $0, of: $1)) }
        let (retrieval, unsure) = try await fit(at: position)
        var fitted = Fitted(policy: Policy(retrieval: retrieval.policy), words: retrieval.words)
        position = try await loader.set(fitted.policy, scope: scope)
        if settings.asksLLM {
            let llm = try await fitLLM(unsure, beside: retrieval.policy, at: position)
            fitted.policy.llm = llm.policy
            fitted.words += llm.words
            position = try await loader.set(fitted.policy, scope: scope)
        }
        if settings.learnsValid, !data.valid.isEmpty {
            position = try await loader.load(data.valid) { progress(EvalProgress(.joining, done: $0, of: $1)) }
        }
        return (position, fitted)
    }

    /// What was fitted, by which aims.
    struct Fitted {
        var policy = Policy(retrieval: nil)
        var words: [String] = []
    }

    private func measure(at position: LogPosition?, _ fitted: Fitted) async throws -> EvalOutcome {
        let asker = asker(at: position)
        let questions = Self.questions(data.test, outOfScope: data.outOfScope)
        let answers = try await asker.ask(questions) {
            progress(EvalProgress(.measuring, done: $0, of: questions.count))
        }
        let timed = Self.questions(sample(data.test, settings.latencyCalls), outOfScope: [])
        let timings = try await asker.time(timed) {
            progress(EvalProgress(.timing, done: $0, of: $1))
        }
        let inScope = Array(answers.prefix(data.test.count))
        let outOfScope = Array(answers.dropFirst(data.test.count))
        let report = EvalReport(
            answers: inScope,
            outOfScope: outOfScope,
            timings: timings,
            threshold: fitted.policy.retrieval?.minimumFamiliarity,
            setup: try await setup(),
        )
        return EvalOutcome(
            report: report,
            policy: fitted.policy,
            words: fitted.words,
            position: position,
            answers: inScope,
            outOfScope: outOfScope,
        )
    }

    func asker(at position: LogPosition?) -> EvalAsker {
        EvalAsker(client: client, settings: settings, verticals: data.verticals, position: position)
    }

    // MARK: Fitting

    /// - Returns: also the utterances in which the evidence is not sure without the language model.
    func fit(at position: LogPosition) async throws -> (fit: PolicyFit, unsure: [EvalUtterance]) {
        let known = data.valid.isEmpty ? sample(data.train, settings.leaveOneOutSample) : data.valid
        let questions = Self.questions(known, outOfScope: data.outOfScopeValid)
        let retrieved = try await asker(at: position).retrieve(questions) {
            progress(EvalProgress(.fitting, done: $0, of: questions.count))
        }
        let samples = retrieved.samples.prefix(known.count)
        var strangers = Array(retrieved.samples.dropFirst(known.count))
        var aim = PolicyFit.Aim()
        if strangers.isEmpty, settings.leavesIntentsOut {
            // What is measured is as near as what is fitted on, and many are of either kind.
            aim.mostRefused = 1
            let all = Set(data.train.map(\.gold.path)).sorted()
            strangers = try await LeftOutIntents(asker: asker(at: position), progress: progress).ask(known, among: all)
        }
        let fit = PolicyFit(
            base: RetrievalPolicy(encoder: retrieved.encoder, k: settings.k, llmMode: settings.llm),
            inScope: Array(samples),
            outOfScope: strangers,
            aim: aim,
        )
        let unsure = zip(known, samples).filter { LLMPolicyFit.isUnsure($0.1.decision(under: fit.policy)) }.map(\.0)
        return (fit, unsure)
    }

    /// - Parameters:
    ///   - unsure: where the model is worth asking.
    ///   - retrieval: the policy that the node decides by already.
    func fitLLM(
        _ unsure: [EvalUtterance],
        beside retrieval: RetrievalPolicy,
        at position: LogPosition,
    ) async throws -> LLMPolicyFit {
        let questions = Self.questions(sample(unsure, settings.llmFitSample), outOfScope: [])
        let samples = try await asker(at: position).score(questions, under: retrieval) {
            progress(EvalProgress(.fittingLLM, done: $0, of: questions.count))
        }
        let models = try await asker(at: position).models()
        return LLMPolicyFit(
            base: LLMPolicy(
                baseModel: models.baseModel,
                adapter: models.adapter,
                prompt: models.prompt,
                evidenceWeight: 1,
                llmWeight: 0
            ),
            retrieval: retrieval,
            samples: samples,
        )
    }

    /// One vertical's own, or that of questions to several.
    private var scope: PolicyScope {
        data.verticals.count == 1 ? .vertical(data.verticals[0]) : .everywhere
    }

    static func questions(
        _ utterances: [EvalUtterance],
        outOfScope: [UtteranceText],
    ) -> [EvalAsker.Question] {
        utterances.map { EvalAsker.Question(text: $0.text, gold: $0.gold, turns: $0.turns) }
            + outOfScope.map { EvalAsker.Question(text: $0, gold: nil) }
    }

    /// So many of them, chosen by the seed, in their order.
    func sample<Item>(_ items: [Item], _ count: Int) -> [Item] {
        guard count < items.count else { return items }
        var generator = SeededGenerator(seed: settings.seed)
        return items.indices.shuffled(using: &generator).prefix(count).sorted().map { items[$0] }
    }

    // MARK: The node

    /// What a running node learnt elsewhere would be measured too, and may hold the test texts.
    private func requireEmptyVerticals() async throws {
        let stats = try await client.updater.call(Methods.stats, StatsRequest())
        for vertical in stats.verticals where vertical.exemplars > 0 && data.verticals.contains(vertical.vertical) {
            throw SwitchboardError(
                .failedPrecondition,
                "the vertical '\(vertical.vertical)' of this node holds \(vertical.exemplars) exemplars already; evaluate on "
                    + "a node without them, or leave out the train data to measure the node as it stands"
            )
        }
    }

    private func setup() async throws -> EvalReport.Setup {
        let stats = try await client.updater.call(Methods.stats, StatsRequest())
        let indexSize = stats.verticals.filter { data.verticals.contains($0.vertical) }.reduce(0) { $0 + $1.exemplars }
        let encoder = try await client.gateways.call(
            Methods.encode,
            EncodeRequest(texts: [data.test[0].text]),
            within: settings.deadline
        ).encoder
        let adapter = settings.asksLLM ? try await asker(at: nil).models().adapter : nil
        return EvalReport.Setup(
            indexSize: indexSize,
            llm: settings.llm.rawValue,
            adapter: adapter?.description,
            encoder: encoder.description,
            k: settings.k,
            seed: settings.seed,
            version: Version.current,
        )
    }
}

/// What an evaluation hands back: the figures, and what was fitted on the way.
package struct EvalOutcome: Sendable {
    package var report: EvalReport
    /// Without parts where nothing was fitted.
    package var policy: Policy
    /// What was fitted by which aim, for people.
    package var words: [String]
    /// Where the log stood when the test data was measured; nil where nothing was loaded.
    package var position: LogPosition?
    /// To the test utterances, in their order.
    package var answers: [EvalAnswer]
    /// To the utterances that no intent fits, in their order.
    package var outOfScope: [EvalAnswer]
}
