internal import Clustering
internal import Core

// From judged clusters to proposals.
extension DiscoveryRun {
    private static let keywords = 8
    /// From this share of a group on, its largest cluster is spoken of.
    private static let largeShare = 0.5

    /// Fills in everything of the outcome that comes from the clusters.
    func propose(
        _ judged: [JudgedGroup?],
        _ groups: [UtteranceGroup],
        _ outcome: inout RunOutcome,
        _ work: RunWork,
    ) async throws {
        // Proposals of verticals that the run does not look at are no business of its.
        let verticals = Set(groups.map(\.vertical))
        let earlier = previous.filter { verticals.contains($0.vertical) }
        let candidates = judged.compactMap(\.self).flatMap { group in
            CandidateCluster.candidates(
                in: group.partition,
                judgements: group.judgements,
                group: group.number,
                vectors: group.material.vectors,
                minimumSize: settings.minimumSize
            )
        }
        for group in judged.compactMap(\.self) where !candidates.contains(where: { $0.group == group.number }) {
            outcome.notes.append(
                "No \(settings.minimumSize) utterances of \(groups[group.number].name) are alike enough for a cluster."
            )
        }
        var clusters: [CandidateCluster] = []
        var names: [ProposalName] = []
        if !candidates.isEmpty {
            let given = try await self.names(of: candidates, groups, judged, earlier: earlier, work)
            try await work.saveEffort()
            guard given.names.count == candidates.count else { preconditionFailure("a name a cluster") }
            let all = given.names.map(\.name)
            outcome.roleAgreement = ProposalDrafts.agreement(
                zip(candidates, given.blind).map { (role: groups[$0.group].role, label: $1) }
            )
            for places in try await merged(candidates, names: all, judged, &outcome, work) {
                let parts = places.map { candidates[$0] }
                guard let group = judged[parts[0].group] else { preconditionFailure("a cluster is of a group") }
                clusters.append(
                    parts.count == 1 ? parts[0] : CandidateCluster(merging: parts, vectors: group.material.vectors)
                )
                // The largest part's, the first of equally large ones.
                let largest = places.max { left, right in
                    let (first, second) = (candidates[left].rows.count, candidates[right].rows.count)
                    return first != second ? first < second : left > right
                }
                names.append(all[largest ?? places[0]])
            }
        }
        let relations = try await self.relations(of: clusters, groups, judged, work)
        let drafts = self.drafts(clusters, names, relations, groups, earlier, work)
        finish(drafts, clusters, judged, groups, &outcome)
        let gone = self.gone(earlier, drafts, work)
        if !gone.isEmpty {
            outcome.notes.append(
                gone.count == 1
                    ? "1 proposal of an earlier run was not found again."
                    : "\(gone.count) proposals of earlier runs were not found again."
            )
        }
        outcome.proposals += gone
    }

    // MARK: Comparing

    private func relations(
        of clusters: [CandidateCluster],
        _ groups: [UtteranceGroup],
        _ judged: [JudgedGroup?],
        _ work: RunWork,
    ) async throws -> [TaxonomyRelation] {
        guard !clusters.isEmpty else { return [] }
        await work.reporter.begin(.comparing, "comparing \(clusters.count) clusters with the intents that there are")
        let saved = try await work.stages.product(
            of: "relations",
            fits: { $0.count == clusters.count }
        ) { () async throws -> [SavedRelation] in
            var comparer = TaxonomyComparer(view: taxonomy, engines: engines, samples: settings.samples)
            var relations: [SavedRelation] = []
            for (number, cluster) in clusters.enumerated() {
                try Task.checkCancellation()
                guard let material = judged[cluster.group]?.material else { continue }
                let relation = try await comparer.relation(
                    texts: cluster.texts(in: groups),
                    vectors: cluster.rows.map { Array(material.vectors[$0]) },
                    in: groups[cluster.group].vertical
                )
                relations.append(SavedRelation(relation))
                await work.reporter.advance(to: Double(number + 1) / Double(clusters.count))
            }
            return relations
        }
        return saved.map(\.relation)
    }

    // MARK: Proposals

    private func drafts(
        _ clusters: [CandidateCluster],
        _ names: [ProposalName],
        _ relations: [TaxonomyRelation],
        _ groups: [UtteranceGroup],
        _ earlier: [Proposal],
        _ work: RunWork,
    ) -> [Proposal] {
        let matching = ProposalMatching(of: clusters.map { $0.cluster(in: groups) }, with: earlier)
        let keywords = ClusterKeywords(clusters: clusters.map { $0.texts(in: groups).map(\.value) })
        let conversations = ConversationMarks(run: work.runID, groups)
        let keeps = keepNames(of: earlier)
        return clusters.indices.map { place in
            let cluster = clusters[place]
            let group = groups[cluster.group]
            let members = zip(cluster.rows, cluster.centralities).map { row, centrality in
                let utterance = group.utterances[row]
                let marks = conversations.marks(of: utterance)
                return ProposalMember(
                    text: utterance.text,
                    calls: utterance.calls,
                    conversations: marks.count,
                    conversationMarks: marks,
                    centrality: centrality,
                    origin: utterance.origin
                )
            }
            var proposal = Proposal(
                id: ProposalDrafts.id(
                    run: work.runID,
                    vertical: group.vertical,
                    role: group.role,
                    medoid: members[0].text
                ),
                run: work.runID,
                vertical: group.vertical,
                role: group.role,
                name: names[place],
                keywords: keywords.keywords(of: place, limit: Self.keywords),
                members: members,
                judgement: cluster.judgement,
                relation: relations[place],
                continuity: matching.continuity[place]
            )
            if let previous = matching.previous[place] {
                proposal.goOn(from: earlier[previous])
                // It was named anew.
                if !keeps[previous] { proposal.name = names[place] }
            }
            // Where roles were not told the name's verb does.
            if proposal.role == nil, let role = ActionVerbs.role(ofLabel: proposal.name.label) {
                proposal.role = role
                proposal.isRoleOfName = true
            }
            return proposal
        }
    }

    /// Earlier ones that are not found any more, which this run tells; what a person accepted, merged or split stays with
    /// whoever keeps it.
    private func gone(_ earlier: [Proposal], _ drafts: [Proposal], _ work: RunWork) -> [Proposal] {
        let found = Set(drafts.map(\.id))
        return earlier.compactMap { proposal in
            guard !found.contains(proposal.id), proposal.continuity != .gone else { return nil }
            switch proposal.state {
            case .accepted, .merged, .split: return nil
            case .open, .rejected:
                var proposal = proposal
                proposal.continuity = .gone
                proposal.run = work.runID
                return proposal
            }
        }
    }

    private func finish(
        _ drafts: [Proposal],
        _ clusters: [CandidateCluster],
        _ judged: [JudgedGroup?],
        _ groups: [UtteranceGroup],
        _ outcome: inout RunOutcome,
    ) {
        let members = clusters.map { cluster in cluster.rows.map { groups[cluster.group].utterances[$0] } }
        let ranking = ProposalDrafts.ranking(drafts)
        outcome.proposals = ranking.map { drafts[$0] }
        outcome.trajectories = Trajectories.count(drafts, members: members)
        for (number, group) in groups.enumerated() {
            let own = clusters.indices.filter { clusters[$0].group == number }
            let partition = GroupPartition(
                group: group,
                judged: judged[number],
                clusters: own.map { clusters[$0] },
                proposals: own.map { drafts[$0].id }
            )
            outcome.partitions.append(partition)
            guard judged[number] != nil else { continue }
            let largest = partition.partition.members().map(\.count).max() ?? 0
            let share = Double(largest) / Double(max(1, partition.rows.count))
            outcome.largestShare = max(outcome.largestShare, share)
            if share > Self.largeShare, partition.partition.clusterCount > 1 {
                let isFinerOffered = outcome.cuts.contains { offered in
                    offered.cut == .finer && offered.vertical == group.vertical && offered.role == group.role
                }
                outcome.notes.append(
                    "The largest cluster of \(group.name) has \(Int((share * 100).rounded())) % of its utterances"
                        + (isFinerOffered && settings.cut != .finer ? ": a finer cut may tell more apart." : ".")
                )
            }
        }
    }
}
