package import Core
internal import Models

/// A cluster that is to have a name.
package struct NamedCluster: Sendable {
    /// Its utterances, the nearest to the middle first.
    package var texts: [UtteranceText]
    /// Whose turns they are; nil: not told.
    package var role: Role?
    /// Unit vector of the serving encoder that its utterances lie around; nil: not known, so its name is of keywords.
    package var middle: [Float]?

    package init(texts: [UtteranceText], role: Role? = nil, middle: [Float]? = nil) {
        self.texts = texts
        self.role = role
        self.middle = middle
    }
}

/// Names the clusters of a run: asks the language model, checks what it says, and falls back on candidates of the cluster's
/// own words that the encoder weighs, or on keywords alone.
///
/// Names of a run are all different, and none is an intent's. The same clusters, seed and models give the same names.
package struct ProposalNamer: Sendable {
    private let engines: any DiscoveryEngines
    private let effort: EffortCounter
    private let samples: Int
    private let seed: UInt64
    private let asksModel: Bool

    /// Words that the model may choose the objective from.
    private static let words = ClusterQuestion.maximumWords
    /// Failures after one another after which the model is not asked any more.
    private static let patience = 3

    /// - Parameters:
    ///   - samples: utterances of a cluster that the model is shown, half of them the nearest to the middle, half at random.
    ///   - asksModel: false: names are of the cluster's own words.
    package init(
        engines: any DiscoveryEngines,
        effort: EffortCounter,
        samples: Int = 16,
        seed: UInt64 = 1,
        asksModel: Bool = true,
    ) {
        self.engines = engines
        self.effort = effort
        self.samples = max(1, min(samples, ClusterQuestion.maximumUtterances))
        self.seed = seed
        self.asksModel = asksModel
    }

    /// - Parameters:
    ///   - clusters: all of a run, since keywords are what sets one apart from the others; each has an utterance.
    ///   - taken: names of the intents that there are, as paths or labels.
    ///   - keywords: of these clusters, where they are at hand.
    ///   - others: middles of clusters that have a name already: what names are set apart from too.
    ///   - progress: gets the share that is done; what it throws ends the naming.
    /// - Returns: a name a cluster, in their order.
    /// - Throws: `.cancelled`, and what `progress` throws. Where the models fail, a name is of keywords.
    package func names(
        for clusters: [NamedCluster],
        taken: [String],
        keywords given: ClusterKeywords? = nil,
        others: [[Float]] = [],
        progress: @Sendable (Double) async throws -> Void = { _ in },
    ) async throws -> [ProposalName] {
        let keywords = given ?? ClusterKeywords(clusters: clusters.map { $0.texts.map(\.value) })
        var check = NameCheck(taken: taken)
        var inUse = taken
        var names: [ProposalName] = []
        var isAsking = asksModel
        var failures = 0
        let weighing = NameWeighing(middles: clusters.map(\.middle), others: others)
        var isWeighing = true
        for (number, cluster) in clusters.enumerated() {
            var label: String?
            if isAsking {
                switch try await modelsLabel(of: number, cluster, keywords, check, inUse) {
                case .label(let found):
                    label = found
                    failures = 0
                case .noModel: isAsking = false
                case .failed:
                    failures += 1
                    isAsking = failures < Self.patience
                }
            }
            var weighed: [String] = []
            if label == nil, isWeighing {
                let found = try await weighedLabels(of: number, cluster, keywords, weighing)
                weighed = found ?? []
                // An encoder that is away was waited for; that is enough for all names.
                isWeighing = found != nil
            }
            let name =
                if let label { ProposalName(label: label, source: .model) } else {
                    ProposalName(
                        label: NameFallback.label(
                            of: number,
                            role: cluster.role,
                            keywords: keywords,
                            weighed: weighed,
                            check: check
                        ),
                        source: .keywords
                    )
                }
            check.take(name.label)
            inUse.append(name.label)
            names.append(name)
            try await progress(Double(number + 1) / Double(clusters.count))
        }
        return names
    }

    private enum Asked {
        /// Nil: the model's labels failed the check.
        case label(String?)
        case noModel
        case failed
    }

    /// What the model says, asked a second time where an intent has that name in another form.
    private func modelsLabel(
        of number: Int,
        _ cluster: NamedCluster,
        _ keywords: ClusterKeywords,
        _ check: NameCheck,
        _ inUse: [String],
    ) async throws(SwitchboardError) -> Asked {
        let terms = Array(keywords.supportedTerms(of: number).prefix(Self.words))
        guard !terms.isEmpty else { return .label(nil) }
        let stems = Set(terms.map(\.stem))
        let shown = sample(cluster.texts, number)
        var taken = Self.reachable(inUse, stems)
        for _ in 0..<2 {
            let answer: EngineAnswer<String>?
            do throws(SwitchboardError) {
                answer = try await engines.name(shown, role: cluster.role, words: terms.map(\.word), taken: taken)
            } catch {
                if error.code == .cancelled { throw error }
                return .failed
            }
            guard let answer else { return .noModel }
            effort.addCall(tokens: answer.tokens, seconds: answer.seconds)
            switch check.fault(of: answer.value, role: cluster.role, supported: stems) {
            case nil: return .label(answer.value)
            case .taken: taken.append(answer.value)
            case .form, .verb, .unsupported: return .label(nil)
            }
        }
        return .label(nil)
    }

    /// Candidates of its own words, best first by the encoder; nil where that cannot be asked.
    private func weighedLabels(
        of number: Int,
        _ cluster: NamedCluster,
        _ keywords: ClusterKeywords,
        _ weighing: NameWeighing,
    ) async throws(SwitchboardError) -> [String]? {
        guard weighing.knows(number) else { return [] }
        let candidates = NameCandidate.all(of: number, role: cluster.role, keywords: keywords)
        guard !candidates.isEmpty else { return [] }
        do throws(SwitchboardError) {
            var texts: [UtteranceText] = []
            for candidate in candidates { texts.append(try SpokenName.text(of: candidate.label)) }
            let vectors = try await engines.encode(texts)
            return weighing.labels(candidates, vectors, of: number)
        } catch {
            if error.code == .cancelled { throw error }
            return nil
        }
    }

    /// Half of what is shown from the middle, the rest from all others.
    private func sample(_ texts: [UtteranceText], _ number: Int) -> [UtteranceText] {
        guard texts.count > samples else { return texts }
        let near = (samples + 1) / 2
        var generator = SeededGenerator(seed: seed &+ UInt64(number))
        return Array(texts.prefix(near)) + texts.dropFirst(near).shuffled(using: &generator).prefix(samples - near)
    }

    /// Labels that could come out at all: an action and words of this cluster. A taxonomy may have thousands of others.
    private static func reachable(_ labels: [String], _ stems: Set<String>) -> [String] {
        var reachable: [String] = []
        for label in labels {
            guard let leaf = label.split(separator: "/").last else { continue }
            let words = leaf.lowercased().split { "-_ ".contains($0) }.map(String.init)
            guard NameCheck.words.contains(words.count), ActionVerbs.contains(words[0], of: nil),
                words.dropFirst().allSatisfy({ stems.contains(NameWord($0).stem) })
            else { continue }
            reachable.append(words.joined(separator: "-"))
        }
        return Array(reachable.suffix(ClusterQuestion.maximumTaken))
    }
}
