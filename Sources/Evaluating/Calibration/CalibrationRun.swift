internal import Calls
package import Core
package import SwitchboardClient
internal import Wire

/// Fits the policy of a running node on labelled utterances.
///
/// Each utterance is asked without its own exemplar, so that those which the index holds can be used too. What UNKNOWN is
/// decided by is fitted on out-of-scope utterances or, where there are none, by asking as if some intents were not known.
/// It sets nothing.
package struct CalibrationRun: Sendable {
    package struct Settings: Sendable {
        package var aim: PolicyFit.Aim
        /// Whether the language model is asked from now on; nil: as it was. Where it is, its part is fitted too.
        package var llm: LLMMode?
        /// What is set in place of what the scope has: the language model's part is fitted on questions as these have them.
        package var chosen: [PolicySetting]
        package var calling: EvalSettings

        package init(
            aim: PolicyFit.Aim = .init(),
            llm: LLMMode? = nil,
            chosen: [PolicySetting] = [],
            calling: EvalSettings = .init(),
        ) {
            self.aim = aim
            self.llm = llm
            self.chosen = chosen
            self.calling = calling
        }
    }

    /// A policy that was fitted.
    package struct Outcome: Sendable {
        package let scope: PolicyScope
        /// The parts that were fitted and no others: what the scope has besides stays its own.
        package private(set) var policy: Policy
        /// Utterances that it was fitted on.
        package let count: Int
        package private(set) var words: [String]

        /// Puts a figure in place of what was fitted.
        ///
        /// - Throws: as `PolicySetting.apply`.
        fileprivate mutating func apply(_ setting: PolicySetting) throws(SwitchboardError) {
            try setting.apply(to: &policy)
            words.append("set: \(setting)")
        }
    }

    /// Asked with fewer utterances nothing is fitted: a threshold would be one utterance's.
    package static let leastUtterances = 20
    /// With out-of-scope examples made of left-out intents, so many in-scope utterances may be refused: such examples are
    /// nearer than what callers say that nobody can help with.
    private static let mostRefused = 0.1

    let client: SwitchboardClient
    let settings: Settings
    let progress: EvalProgressReport

    package init(client: SwitchboardClient, settings: Settings, progress: @escaping EvalProgressReport = { _ in }) {
        self.client = client
        self.settings = settings
        self.progress = progress
    }

    /// The verticals of utterances: those that have enough for a policy of their own, and the others.
    package static func verticals(in utterances: [EvalUtterance]) -> (enough: [Vertical], few: [Vertical]) {
        let counts = Dictionary(grouping: utterances, by: \.gold.vertical).mapValues(\.count)
        let sorted = counts.keys.sorted()
        return (
            sorted.filter { counts[$0, default: 0] >= leastUtterances },
            sorted.filter { counts[$0, default: 0] < leastUtterances }
        )
    }

    /// - Parameters:
    ///   - utterances: of the scope's verticals.
    ///   - outOfScope: may be empty.
    /// - Throws: `.failedPrecondition` where there are fewer than 20 utterances; what the node answers, such as `.unavailable`
    ///   where nobody scores though the settings say that the language model is to be asked.
    package func fit(
        _ scope: PolicyScope,
        on utterances: [EvalUtterance],
        outOfScope: [UtteranceText],
    ) async throws -> Outcome {
        guard utterances.count >= Self.leastUtterances else {
            throw SwitchboardError(
                .failedPrecondition,
                "\(utterances.count) utterances are too few to fit the policy of '\(scope)' on; at least "
                    + "\(Self.leastUtterances) are needed"
            )
        }
        let verticals = Set(utterances.map(\.gold.vertical)).sorted()
        let asker = EvalAsker(client: client, settings: settings.calling, verticals: verticals, position: nil)
        let known = utterances.map { EvalAsker.Question(text: $0.text, gold: $0.gold) }
        let unknown = outOfScope.map { EvalAsker.Question(text: $0, gold: nil) }
        let retrieved = try await asker.retrieve(known + unknown) {
            progress(EvalProgress(.fitting, done: $0, of: known.count + unknown.count))
        }
        let samples = Array(retrieved.samples.prefix(known.count))
        var strangers = Array(retrieved.samples.dropFirst(known.count))
        var aim = settings.aim
        if strangers.isEmpty {
            let all = try await knownPaths(in: verticals)
            strangers = try await LeftOutIntents(asker: asker, progress: progress).ask(utterances, among: all)
            aim.mostRefused = Self.mostRefused
        }
        let standing = retrieved.policy?.llm
        var base = retrieved.policy?.retrieval(for: retrieved.encoder) ?? .builtin
        base.encoder = retrieved.encoder
        // Others are tried around it: fitted around what was fitted before, the same utterances would give another each time.
        base.voteTemperature = RetrievalPolicy.builtin.voteTemperature
        base.distanceWeight = RetrievalPolicy.builtin.distanceWeight
        base.meanWeight = RetrievalPolicy.builtin.meanWeight
        base.wordWeight = RetrievalPolicy.builtin.wordWeight
        base.superseded = nil
        if let llm = settings.llm { base.llmMode = llm }
        let fit = PolicyFit(base: base, inScope: samples, outOfScope: strangers, aim: aim)
        var policy = Policy(retrieval: fit.policy)
        var words = fit.words
        if base.llmMode != .off, let found = try await models(asker, &words) {
            let unsure = zip(known, samples).filter { LLMPolicyFit.isUnsure($0.1.decision(under: fit.policy)) }.map(\.0)
            let model = try await fitModel(on: unsure, beside: fit.policy, found, choices: standing, asker)
            policy.llm = model.policy
            words += model.words
        }
        var outcome = Outcome(scope: scope, policy: policy, count: known.count, words: words)
        for setting in settings.chosen { try outcome.apply(setting) }
        return outcome
    }

    /// Nil where the model is asked as it was before and nobody is there who scores now.
    private func models(_ asker: EvalAsker, _ words: inout [String]) async throws -> ScoreResponse? {
        do {
            return try await asker.models()
        } catch let error as SwitchboardError {
            guard settings.llm == nil, error.code == .unavailable else { throw error }
            words.append("no scorer is attached, so the language model's part stays as it is")
            return nil
        }
    }

    /// The model's weight is fitted on questions as a node will ask them: with the choices that stand and those to be set.
    private func fitModel(
        on unsure: [EvalAsker.Question],
        beside retrieval: RetrievalPolicy,
        _ models: ScoreResponse,
        choices standing: LLMPolicy?,
        _ asker: EvalAsker,
    ) async throws -> LLMPolicyFit {
        var base = LLMPolicy(
            baseModel: models.baseModel,
            adapter: models.adapter,
            prompt: models.prompt,
            evidenceWeight: 1,
            llmWeight: 0
        )
        if let standing { base.keepChoices(of: standing) }
        var wanted = Policy(retrieval: retrieval, llm: base)
        for setting in settings.chosen { try setting.apply(to: &wanted) }
        if let chosen = wanted.llm { base.keepChoices(of: chosen) }
        var generator = SeededGenerator(seed: settings.calling.seed)
        let asked = Array(unsure.shuffled(using: &generator).prefix(settings.calling.llmFitSample))
        // The node decides by another policy yet, and whom that ranks lower is to have its exemplars too.
        let samples = try await asker.score(
            asked,
            under: retrieval,
            choices: base,
            showing: Decision.maximumCandidates
        ) {
            progress(EvalProgress(.fittingLLM, done: $0, of: asked.count))
        }
        return LLMPolicyFit(base: base, retrieval: retrieval, samples: samples, aim: settings.aim)
    }

    /// All intents of the verticals, but for the disabled ones.
    private func knownPaths(in verticals: [Vertical]) async throws -> [IntentPath] {
        var paths: Set<IntentPath> = []
        try await client.intents(in: verticals.map(\.name)) { listing in
            for intent in listing.intents where intent.enabled && intent.aliasOf == nil {
                paths.insert(try IntentPath(intent.intent))
            }
        }
        return paths.sorted()
    }
}
