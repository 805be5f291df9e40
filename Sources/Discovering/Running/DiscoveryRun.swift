package import Core

/// One search for intents, from utterances to proposals. A value; each call of `run` is a run.
///
/// Equal settings, utterances, engines and earlier proposals give equal proposals, also where the run was ended and
/// goes on from its checkpoints. What takes long computes on threads of its own below live calls, and waits for models
/// as `DiscoveryEngines` does. A run ends when its task is cancelled. It stores no proposals and changes no index.
package struct DiscoveryRun: Sendable {
    let settings: DiscoverySettings
    let engines: any DiscoveryEngines
    let taxonomy: TaxonomyView
    let previous: [Proposal]
    let weights: JudgeWeights
    let tuner: (any VectorTuner)?
    let merging: MergeSettings

    /// - Parameters:
    ///   - previous: proposals of earlier runs, whose ids, names and decisions go on where their clusters are found
    ///     again.
    ///   - tuner: nil: vectors cannot be tuned here.
    package init(
        settings: DiscoverySettings,
        engines: any DiscoveryEngines,
        taxonomy: TaxonomyView,
        previous: [Proposal],
        weights: JudgeWeights = .shipped,
        tuner: (any VectorTuner)? = nil,
        merging: MergeSettings = MergeSettings(),
    ) {
        self.settings = settings
        self.engines = engines
        self.taxonomy = taxonomy
        self.previous = previous
        self.weights = weights
        self.tuner = tuner
        self.merging = merging
    }

    /// - Parameters:
    ///   - utterances: may be none. Equal texts of a vertical and a role count as one, with their calls together.
    ///   - runID: names the run; ids of new proposals follow from it.
    ///   - checkpoints: of this run alone.
    ///   - report: told now and then where the run is, at last that it has finished; of a run that is cancelled or
    ///     fails the error alone tells.
    /// - Throws: `CancellationError` or `.cancelled` when the task is cancelled; `.failedPrecondition` where vectors
    ///   are to be tuned and there is no tuner; what engines, checkpoints and the taxonomy's source throw.
    package func run(
        _ utterances: [DiscoveryUtterance],
        runID: Bits128,
        checkpoints: any RunCheckpoints,
        report: @escaping @Sendable (RunProgress) async -> Void,
    ) async throws -> RunOutcome {
        let thread = RunThread()
        defer { thread.stop() }
        return try await thread.perform {
            try await runHere(utterances, runID: runID, checkpoints: checkpoints, report: report)
        }
    }

    private func runHere(
        _ utterances: [DiscoveryUtterance],
        runID: Bits128,
        checkpoints: any RunCheckpoints,
        report: @escaping @Sendable (RunProgress) async -> Void,
    ) async throws -> RunOutcome {
        guard !settings.isTuned || tuner != nil else {
            throw SwitchboardError.noTuner
        }
        let groups = UtteranceGroup.groups(of: utterances)
        let stages = try await openStages(checkpoints, utterances, runID)
        let before = try await stages.load("effort", as: SavedEffort.self)?.effort ?? RunEffort()
        let effort = EffortCounter(before)
        let count = groups.reduce(0) { $0 + $1.utterances.count }
        let plan = RunPlan(utterances: count, settings: settings)
        let work = RunWork(
            stages: stages,
            reporter: RunReporter(plan: plan, effort: effort, report: report),
            effort: effort,
            runID: runID
        )

        var outcome = RunOutcome()
        outcome.notes = notes(on: groups)
        let materials = try await self.materials(of: groups, work)
        let isTuned = materials.contains { $0?.tuned != nil }
        if isTuned, let note = await noteOnTuned() { outcome.notes.append(note) }
        let judged = try await judgedGroups(groups, materials, &outcome, work)
        try await propose(judged, groups, &outcome, work)
        outcome.effort = await work.spent
        let words = outcome.notes + [Self.sentence(outcome, utterances: count)]
        await work.reporter.finish(words.joined(separator: " "), effort: outcome.effort)
        return outcome
    }

    /// The checkpoints belong to the encoder too, which some engines know only once they have encoded something.
    private func openStages(
        _ checkpoints: any RunCheckpoints,
        _ utterances: [DiscoveryUtterance],
        _ runID: Bits128,
    ) async throws -> StageStore {
        var encoder = await engines.encoder
        if encoder == nil, let first = utterances.first {
            _ = try await engines.encode([first.text])
            encoder = await engines.encoder
        }
        return StageStore(checkpoints, settings: settings, utterances: utterances, encoder: encoder, runID: runID)
    }

    /// What is to be said of the utterances before anything is worked out.
    private func notes(on groups: [UtteranceGroup]) -> [String] {
        guard !groups.isEmpty else { return ["There are no utterances to look at."] }
        var notes = groups.filter { !isLargeEnough($0) }.map { group in
            let count = group.utterances.count
            return "\(group.name) has \(count) different utterance\(count == 1 ? "" : "s"), and a cluster has at least "
                + "\(settings.minimumSize): none was looked for."
        }
        if let note = ScriptMix(groups.lazy.flatMap { $0.utterances.map(\.text) }).note { notes.append(note) }
        return notes
    }

    /// What is said where tuned vectors are not the serving encoder's; nil: nothing, or nobody knows which one serves.
    private func noteOnTuned() async -> String? {
        guard let tuner, let encoder = await engines.encoder, !tuner.tunes(encoder) else { return nil }
        return "Clusters are by vectors of the published encoder, which knows English, tuned to the utterances, "
            + "and not of the encoder that serves, unless the node's tuner names that to deploy/train tune (--model)."
    }

    func isLargeEnough(_ group: UtteranceGroup) -> Bool {
        group.utterances.count >= max(settings.minimumSize, 1)
    }

    private static func sentence(_ outcome: RunOutcome, utterances: Int) -> String {
        let found = outcome.proposals.filter { $0.continuity != .gone }
        let good = found.filter(\.judgement.isGood).count
        return "\(utterances) different utterances: \(good) proposed intent\(good == 1 ? "" : "s"), "
            + "\(found.count - good) unclear."
    }
}

extension SwitchboardError {
    /// Vectors are to be tuned where nothing does that.
    static var noTuner: SwitchboardError {
        SwitchboardError(
            .failedPrecondition,
            "vectors cannot be tuned here: the node was started without a program for it (node --tuner deploy/train, which "
                + "is called as 'deploy/train tune'); start it with one, or run without --tune",
            field: "settings.tuned"
        )
    }
}

/// What the stages of one run share.
struct RunWork: Sendable {
    let stages: StageStore
    let reporter: RunReporter
    let effort: EffortCounter
    let runID: Bits128

    /// In all, before the run was last ended too.
    var spent: RunEffort {
        get async {
            var spent = effort.total
            spent.seconds += await reporter.seconds
            return spent
        }
    }

    /// After a stage that took long.
    func saveEffort() async throws {
        try await stages.save("effort", encoding: SavedEffort(spent))
    }
}
