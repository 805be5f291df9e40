internal import Clustering
internal import Core
internal import SwitchboardClient

// Names of clusters, and which of them are one intent under two names.
extension DiscoveryRun {
    /// A name a cluster, in their order, and one that was made without knowing whose turns they are.
    struct Names: Codable, Sendable {
        var names: [SavedName]
        /// Empty where roles were not told.
        var blind: [String]
    }

    /// Utterances whose mean is a cluster's middle, evenly over it; the mean of all makes no better names.
    private static let inMiddle = 64

    /// Clusters that go on from an earlier proposal keep its name where they can, and cost no question then.
    func names(
        of candidates: [CandidateCluster],
        _ groups: [UtteranceGroup],
        _ judged: [JudgedGroup?],
        earlier: [Proposal],
        _ work: RunWork,
    ) async throws -> Names {
        await work.reporter.begin(.naming, "naming \(candidates.count) clusters")
        let count = candidates.count
        return try await work.stages.product(
            of: "names",
            fits: { $0.names.count == count && $0.blind.count == count }
        ) { () async throws -> Names in
            var names = [ProposalName?](repeating: nil, count: candidates.count)
            var blind = [String](repeating: "", count: candidates.count)
            let matching = ProposalMatching(of: candidates.map { $0.cluster(in: groups) }, with: earlier)
            let keeps = keepNames(of: earlier)
            for (place, previous) in matching.previous.enumerated() {
                if let previous, keeps[previous] { names[place] = earlier[previous].name }
            }
            let middles = candidates.map { candidate -> [Float]? in
                guard let vectors = judged[candidate.group]?.material.vectors else { return nil }
                let places = TaxonomyComparer.spread(candidate.rows.count, over: Self.inMiddle)
                return Direction.mean(places.map { Array(vectors[candidate.rows[$0]]) })
            }
            var done = 0
            // Candidates come group by group, so verticals come one after the other.
            for vertical in candidates.map({ groups[$0.group].vertical }).uniqued() {
                let places = candidates.indices.filter { groups[candidates[$0].group].vertical == vertical }
                let fresh = places.filter { names[$0] == nil }
                let known = places.filter { names[$0] != nil }
                let texts = (fresh + known).map { candidates[$0].texts(in: groups).map(\.value) }
                // Of all clusters: what sets one apart is what the others have not.
                let keywords = ClusterKeywords(clusters: texts)
                let taken =
                    taxonomy.names(in: vertical) + earlier.filter { $0.vertical == vertical }.map(\.name.label)
                let (start, total) = (done, candidates.count)
                let made = try await namer(work, asksModel: settings.namesByModel).names(
                    for: fresh.map { candidates[$0].named(in: groups, tellsRole: true, middle: middles[$0]) },
                    taken: taken,
                    keywords: keywords,
                    others: known.compactMap { middles[$0] }
                ) { fraction in
                    try Task.checkCancellation()
                    await work.reporter.advance(to: (Double(start) + Double(fresh.count) * fraction) / Double(total))
                }
                for (place, name) in zip(fresh, made) { names[place] = name }
                if places.contains(where: { groups[candidates[$0].group].role != nil }) {
                    let made = try await namer(work, asksModel: false).names(
                        // The verb alone is looked at, so no encoder is asked.
                        for: (fresh + known).map { candidates[$0].named(in: groups, tellsRole: false, middle: nil) },
                        taken: [],
                        keywords: keywords
                    )
                    for (place, name) in zip(fresh + known, made) { blind[place] = name.label }
                }
                done += places.count
            }
            // Each is an earlier one's, or was made above.
            return Names(names: names.compactMap { $0.map { SavedName($0) } }, blind: blind)
        }
    }

    /// Of each earlier proposal whether its name stays: not where an intent has got that name since, or another of them that
    /// was found more lately has it. What a reviewer called one stays, and what was accepted, since an intent is called so.
    func keepNames(of earlier: [Proposal]) -> [Bool] {
        func isSettled(_ proposal: Proposal) -> Bool {
            if case .accepted = proposal.state { return true }
            return proposal.name.source == .reviewer
        }
        func rank(_ place: Int) -> Int { isSettled(earlier[place]) ? 0 : earlier[place].continuity != .gone ? 1 : 2 }
        var checks: [Vertical: NameCheck] = [:]
        var keeps = [Bool](repeating: false, count: earlier.count)
        for place in earlier.indices.sorted(by: { (rank($0), $0) < (rank($1), $1) }) {
            let (vertical, label) = (earlier[place].vertical, earlier[place].name.label)
            var check = checks[vertical] ?? NameCheck(taken: taxonomy.names(in: vertical))
            keeps[place] = isSettled(earlier[place]) || !check.isTaken(label)
            check.take(label)
            checks[vertical] = check
        }
        return keeps
    }

    private func namer(_ work: RunWork, asksModel: Bool) -> ProposalNamer {
        ProposalNamer(
            engines: engines,
            effort: work.effort,
            samples: settings.samples,
            seed: settings.seed,
            asksModel: asksModel
        )
    }

    /// Places of candidates that are one intent, group after group; the largest merged share goes into the outcome.
    func merged(
        _ candidates: [CandidateCluster],
        names: [ProposalName],
        _ judged: [JudgedGroup?],
        _ outcome: inout RunOutcome,
        _ work: RunWork,
    ) async throws -> [[Int]] {
        await work.reporter.begin(.merging, "merging equal intents")
        let labels = try await labelVectors(names, work)
        var merged: [[Int]] = []
        for group in judged.compactMap(\.self) {
            try Task.checkCancellation()
            let places = candidates.indices.filter { candidates[$0].group == group.number }
            guard let first = places.first else { continue }
            let merging = ClusterMerging(
                labels: VectorTable(dimension: labels[first].count, rows: places.map { labels[$0] }),
                clusters: places.map { candidates[$0].rows.sorted() },
                mergeable: places.map { candidates[$0].judgement.isGood },
                vectors: group.material.vectors,
                utterances: group.material.utterances.count,
                settings: self.merging
            )
            merged += merging.groups.map { numbers in numbers.map { places[$0] } }
            outcome.largestMergedShare = max(outcome.largestMergedShare, merging.largestShare)
            await work.reporter.advance(to: Double(merged.joined().count) / Double(candidates.count))
        }
        return merged
    }

    /// Of the serving encoder, from the names as they are said.
    private func labelVectors(_ names: [ProposalName], _ work: RunWork) async throws -> [[Float]] {
        var vectors: [[Float]] = []
        for part in names.chunks(of: 64) {
            try Task.checkCancellation()
            var texts: [UtteranceText] = []
            for name in part { texts.append(try SpokenName.text(of: name.label)) }
            for vector in try await engines.encode(texts) {
                guard let unit = Direction.unit(vector) else {
                    throw SwitchboardError(.internal, "the encoder answered a vector that has no direction")
                }
                vectors.append(unit)
            }
        }
        guard vectors.count == names.count else {
            throw SwitchboardError(.internal, "the encoder answered \(vectors.count) vectors for \(names.count) texts")
        }
        return vectors
    }
}

extension CandidateCluster {
    func texts(in groups: [UtteranceGroup]) -> [UtteranceText] { rows.map { groups[group].utterances[$0].text } }

    func cluster(in groups: [UtteranceGroup]) -> ProposalMatching.Cluster {
        ProposalMatching.Cluster(vertical: groups[group].vertical, texts: texts(in: groups))
    }

    func named(in groups: [UtteranceGroup], tellsRole: Bool, middle: [Float]?) -> NamedCluster {
        NamedCluster(texts: texts(in: groups), role: tellsRole ? groups[group].role : nil, middle: middle)
    }
}

extension Sequence where Element: Hashable {
    /// Each element once, where it comes first.
    func uniqued() -> [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
