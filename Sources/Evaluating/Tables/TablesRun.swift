internal import Core
package import SwitchboardClient

/// Measures, on the same test utterances as an evaluation and after it, the product beside simpler methods, and makes
/// the tables and figures of it.
///
/// Index and policy are those that the evaluation left in the node; nothing is appended. A value; its calls run on the
/// caller's task, what computes for long on threads of its own. docs/scoring.md says what each method is.
package struct TablesRun: Sendable {
    let client: SwitchboardClient
    let data: EvalData
    let settings: EvalSettings
    let tables: TablesSettings
    let evaluation: EvalOutcome
    let progress: EvalProgressReport

    /// - Parameters:
    ///   - settings: of the evaluation; where they ask the language model, so do the tables.
    ///   - evaluation: what `EvalRun` of the same data and settings handed back.
    package init(
        client: SwitchboardClient,
        data: EvalData,
        settings: EvalSettings,
        tables: TablesSettings = .init(),
        evaluation: EvalOutcome,
        progress: @escaping EvalProgressReport = { _ in },
    ) {
        self.client = client
        self.data = data
        self.settings = settings
        self.tables = tables
        self.evaluation = evaluation
        self.progress = progress
    }

    /// What is known of the test data before any method is asked.
    struct Material: Sendable {
        let baselines: Baselines
        /// With as many neighbours as any table asks for.
        let test: [FitSample]
        let outOfScope: [FitSample]
        let testVectors: [[Float]]
        let outOfScopeVectors: [[Float]]
        let policy: RetrievalPolicy
        let position: LogPosition
    }

    /// - Throws: `.invalidArgument` without train data; `SwitchboardError` of the first call that failed.
    package func run() async throws -> EvalTables {
        try tables.validate()
        let material = try await prepare()
        let rankings = try await rankings(of: material)
        var results = try await linear(material)
        let votes = try await voting(rankings, material)
        let served = try await retrieval(material)
        results += votes + [served]
        var sampled: [MethodResult] = []
        var asking: [EvalTables.AskingFigures] = []
        if settings.asksLLM {
            let places = base.sample(Array(data.test.indices), tables.sample)
            let answered = try await languageModel(places, material)
            sampled = results.map { $0.at(places) } + answered.results
            asking = answered.asking
            results.append(asEvaluated(material))
        }
        let neighbours = try await neighbours(rankings, material)
        let unseen = try await unseen(results, material)
        return EvalTables(
            results: results,
            sampled: sampled,
            retrievers: retrievers(rankings),
            neighbours: neighbours,
            unseen: unseen,
            widening: widening(material),
            asking: asking,
            learnt: material.baselines,
        )
    }

    /// What the evaluation was answered, by every test utterance in its own mode.
    private func asEvaluated(_ material: Material) -> MethodResult {
        MethodResult(
            method: "retrieval-llm-\(settings.llm.rawValue)",
            answers: evaluation.answers,
            outOfScope: evaluation.outOfScope,
            refuses: true,
            known: material.baselines.texts.exemplars.count,
            medianMs: evaluation.report.latencyMs?.total.p50,
        )
    }

    /// The evaluation itself, for what it does as well.
    var base: EvalRun { EvalRun(client: client, data: data, settings: settings, progress: progress) }

    func asker(_ position: LogPosition, k: Int? = nil, llm: LLMMode? = nil) -> EvalAsker {
        var settings = settings
        if let k { settings.k = k }
        if let llm { settings.llm = llm }
        return EvalAsker(
            client: client,
            settings: settings,
            verticals: data.verticals,
            position: position,
            leavesAskedOut: false,
        )
    }

    private func prepare() async throws -> Material {
        guard !data.train.isEmpty, let policy = evaluation.policy.retrieval, let position = evaluation.position else {
            throw SwitchboardError.invalid(
                "the tables need train data, since the methods beside the product learn from it"
            )
        }
        let known = data.train + data.valid
        let texts = known.map(\.text) + data.test.map(\.text) + data.outOfScope
        let vectors = try await EvalLoader(client: client, settings: settings).vectors(of: texts) {
            progress(EvalProgress(.encoding, done: $0, of: $1))
        }
        let baselines = try await Baselines.fitted(
            train: data.train,
            valid: data.valid,
            vectors: Array(vectors.prefix(known.count)),
            learnsValid: settings.learnsValid,
            settings: tables.linear,
        ) {
            progress(EvalProgress(.training, done: $0, of: 2))
        }
        let questions = EvalRun.questions(data.test, outOfScope: data.outOfScope)
        let samples = try await asker(position, k: depth).retrieve(questions) {
            progress(EvalProgress(.retrieving, done: $0, of: questions.count))
        }.samples
        let asked = vectors.dropFirst(known.count)
        return Material(
            baselines: baselines,
            test: Array(samples.prefix(data.test.count)),
            outOfScope: Array(samples.dropFirst(data.test.count)),
            testVectors: Array(asked.prefix(data.test.count)),
            outOfScopeVectors: Array(asked.dropFirst(data.test.count)),
            policy: policy,
            position: position,
        )
    }

    /// How many exemplars each retriever is asked for.
    var depth: Int { max(tables.neighbours.max() ?? 0, settings.k) }
}
