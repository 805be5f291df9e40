internal import Clustering
package import Core
package import Discovering

/// One evaluation of discovery: runs it on texts alone, then holds what it found against the labels.
///
/// A value; what it computes runs on threads of its own, and on those of its engines.
package struct DiscoveryEvalRun: Sendable {
    /// Labelled utterances that an index of the found clusters is asked.
    package struct Test: Sendable {
        package var texts: [UtteranceText]
        package var gold: [NamedIntent]

        package init(texts: [UtteranceText], gold: [NamedIntent]) {
            precondition(texts.count == gold.count, "a label a text")
            self.texts = texts
            self.gold = gold
        }
    }

    package struct Outcome: Sendable {
        package var report: DiscoveryReport
        /// Of the clusters judged good.
        package var names: NameTable
        package var run: RunOutcome
    }

    let set: GoldSet
    let engines: any DiscoveryEngines
    let settings: DiscoveryEvalSettings
    let weights: JudgeWeights
    let tuner: RememberedTuner?
    let test: Test?
    let progress: @Sendable (DiscoveryEvalProgress) -> Void

    /// - Parameters:
    ///   - tuner: needed where the settings say that vectors are tuned.
    ///   - test: nil: what the clusters are worth to callers is not measured.
    package init(
        _ set: GoldSet,
        engines: any DiscoveryEngines,
        settings: DiscoveryEvalSettings,
        weights: JudgeWeights = .shipped,
        tuner: (any VectorTuner)? = nil,
        test: Test? = nil,
        progress: @escaping @Sendable (DiscoveryEvalProgress) -> Void = { _ in },
    ) {
        self.set = set
        self.engines = engines
        self.settings = settings
        self.weights = weights
        self.tuner = tuner.map { RememberedTuner($0) }
        self.test = test
        self.progress = progress
    }

    /// - Throws: `.invalidArgument` for settings, or a set without labelled utterances; what a run throws.
    package func run() async throws -> Outcome {
        try settings.validate()
        guard set.goldCount > 0 else {
            throw SwitchboardError.invalid("no utterance of the files is labelled, so there is nothing to measure by")
        }
        if settings.run.isTuned, tuner == nil {
            throw SwitchboardError.invalid("vectors are to be tuned, and there is nothing to tune them with")
        }
        if let test, Set(test.gold).isDisjoint(with: set.labels.compactMap { $0 }) {
            throw SwitchboardError.invalid(
                "no label of the test utterances is one of those to discover, so none could be answered; are they written "
                    + "otherwise, or in another vertical?"
            )
        }
        let start = ContinuousClock.now
        let outcome = try await discover(settings.run) { progress(DiscoveryEvalProgress(.running, $0, note: $1)) }
        var effort = outcome.effort
        effort.seconds = start.duration(to: .now).seconds
        // The run has made them all already.
        let made = try await engines.encode(set.utterances.map(\.text))
        guard let dimension = made.first?.count else {
            throw SwitchboardError.invalid("there is no utterance to discover intents in")
        }
        let vectors = VectorTable(dimension: dimension, rows: made)
        let groups = MaterialGroup.all(of: set.utterances, vectors: vectors, tuned: tunedVectors())
        let found = FoundClusters(outcome.partitions, of: set.utterances, vectors: vectors)
        let figures = try ClusterFigures(found, of: set, noise: settings.noise)
        var report = DiscoveryReport(
            figures,
            DiscoveryReport.Setup(
                settings: settings.run,
                effort: effort,
                largestMergedShare: outcome.largestMergedShare,
                cuts: outcome.sweptCuts,
                encoder: await engines.encoder?.description ?? ""
            )
        )
        report.roles = outcome.roleAgreement.flatMap { roles in
            guard roles.judged > 0 else { return nil }
            let agreement = Double(roles.agreeing) / Double(roles.judged)
            return DiscoveryReport.Roles(judged: roles.judged, agreement: agreement)
        }
        let names = try await compareNames(outcome, found)
        report.add(names)
        try await addGoldCount(to: &report, groups, vectors)
        try await addJudge(to: &report, groups)
        try await addDownstream(to: &report, found, vectors)
        if settings.measuresSteps {
            // Another method's run is no step of the graph's.
            let name = settings.run.method == .graph ? "merge" : settings.run.method.rawValue
            let whole = DiscoveryReport.Step(name, figures, llmCalls: effort.llmCalls, seconds: effort.seconds)
            report.ablation = try await steps(groups, vectors, whole: whole)
        }
        return Outcome(report: report, names: names, run: outcome)
    }

    /// - Parameter tell: the share that is done and what is done now.
    func discover(
        _ settings: DiscoverySettings,
        tell: @escaping @Sendable (Double, String) -> Void,
    ) async throws -> RunOutcome {
        let run = DiscoveryRun(
            settings: settings,
            engines: engines,
            taxonomy: .empty,
            previous: [],
            weights: weights,
            tuner: tuner
        )
        // The same for the same settings, as everything else is.
        let id = Bits128(UInt128(settings.seed))
        return try await run.run(set.utterances, runID: id, checkpoints: NoCheckpoints()) { progress in
            tell(progress.fraction, progress.note.isEmpty ? progress.phase.rawValue : progress.note)
        }
    }

    private func tunedVectors() -> VectorTable? {
        settings.run.isTuned ? tuner?.table(of: set.utterances.map(\.text)) : nil
    }

    // MARK: What is measured beside the run

    /// Of the clusters judged good, which are shown as intents.
    private func compareNames(_ outcome: RunOutcome, _ found: FoundClusters) async throws -> NameTable {
        progress(DiscoveryEvalProgress(.names, 0))
        var proposals: [Bits128: Proposal] = [:]
        for proposal in outcome.proposals { proposals[proposal.id] = proposal }
        let majorities = Majority.of(found, in: set)
        var shown: [Proposal] = []
        var majority: [Majority?] = []
        for cluster in 0..<found.count where found.isGood[cluster] {
            guard let proposal = found.proposals[cluster].flatMap({ proposals[$0] }) else { continue }
            shown.append(proposal)
            majority.append(majorities[cluster])
        }
        return try await NameTable(shown, majorities: majority, labels: set.rows.compactMap(\.gold)) { texts in
            try await engines.encode(texts)
        }
    }

    private func addGoldCount(
        to report: inout DiscoveryReport,
        _ groups: [MaterialGroup],
        _ vectors: VectorTable,
    ) async throws {
        guard settings.measuresGoldCount else { return }
        progress(DiscoveryEvalProgress(.goldCount, 0))
        let partitions = try await WorkThread("gold-count").run {
            groups.map { group in group.partitioned(atGoldCount(group)) }
        }
        let figures = try ClusterFigures(
            FoundClusters(partitions, of: set.utterances, vectors: vectors),
            of: set
        )
        report.nmiGoldK = figures.nmi
        report.accGoldK = figures.acc
    }

    private func addJudge(to report: inout DiscoveryReport, _ groups: [MaterialGroup]) async throws {
        // Of several groups the largest: a judge sees one pool at a time.
        guard settings.measuresJudge, let group = groups.max(by: { $0.rows.count < $1.rows.count }) else { return }
        progress(DiscoveryEvalProgress(.judge, 0))
        let effort = EffortCounter()
        let judge = makeJudge(settings.run, engines: engines, weights: weights, effort: effort)
        let trial = JudgeTrial(judge: judge, weights: weights, settings: settings.run)
        let labels = group.rows.map { set.labels[$0] }
        let figures = try await trial.run(on: group.material, labels: labels, threads: settings.threads) {
            progress(DiscoveryEvalProgress(.judge, $0))
        }
        report.add(figures, calls: effort.total.llmCalls, fittedOn: weights.fittedOn)
    }

    private func addDownstream(
        to report: inout DiscoveryReport,
        _ found: FoundClusters,
        _ vectors: VectorTable,
    ) async throws {
        guard let test else { return }
        progress(DiscoveryEvalProgress(.downstream, 0))
        let asked = VectorTable(dimension: vectors.dimension, rows: try await engines.encode(test.texts))
        let trial = DownstreamTrial(vectors: vectors, test: asked, gold: test.gold)
        let count = report.clusters
        let figures = try await WorkThread("downstream").run {
            let clusters = BaseClustering.kMeans(
                vectors,
                clusters: count,
                restarts: Self.restarts,
                seed: settings.run.seed
            )
            return trial.figures(found, kMeans: FoundClusters(clusters), of: set)
        }
        if let figures { report.add(figures) }
    }

    static let restarts = 5
}
