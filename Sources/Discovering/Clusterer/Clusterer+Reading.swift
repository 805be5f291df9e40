package import Calls
package import Core
internal import UpdateStore
package import Wire

/// What is told of runs and proposals.
extension Clusterer {
    /// Tells how far a run is, whenever that changes, until it is over.
    ///
    /// - Parameter verticals: that who asks is limited to; nil: to none.
    /// - Throws: `.notFound` for a run that there is not, or where there is none at all; `.resourceExhausted` where too
    ///   many watch.
    package func watch(
        _ request: DiscoveryWatchRequest,
        _ writer: StreamWriter<DiscoveryWatchResponse>,
        verticals: Set<Vertical>? = nil,
    ) async throws {
        let (id, run) = try watched(request.run, verticals)
        guard watchers < limits.watchers else {
            throw SwitchboardError(
                .resourceExhausted,
                "\(watchers) clients watch runs, which is the most",
                retryAfter: .seconds(5)
            )
        }
        watchers += 1
        defer { watchers -= 1 }
        let tellsWords = run.mayBeKnownWhole(to: verticals)
        for await state in run.board.values() {
            let progress = tellsWords ? state : state.withoutWords
            try await writer.send(DiscoveryWatchResponse(run: id, progress: progress), within: .seconds(30))
            if progress.phase.isOver { return }
        }
    }

    /// The run that is meant, by default the latest that who asks may know of.
    func watched(_ named: Bits128?, _ verticals: Set<Vertical>?) throws -> (Bits128, Run) {
        let known = runs.filter { $0.value.mayBeKnown(to: verticals) }
        guard let id = named ?? known.sorted(by: { Self.isLater($0, $1) }).first?.key else {
            throw SwitchboardError(.notFound, "no run of discovery was started so far (discover start)")
        }
        guard let run = known[id] else { throw noRun(id) }
        return (id, run)
    }

    func summary(of run: Run, _ id: Bits128) -> RunSummary {
        if var summary = run.outcome?.summary {
            summary.progress = run.board.value
            return summary
        }
        return RunSummary(
            run: id,
            pool: run.settings.request.pool,
            verticals: run.settings.request.verticals,
            settings: run.settings.request.settings,
            startedMicroseconds: run.settings.startedMicroseconds,
            progress: run.board.value,
            utterances: run.utterances
        )
    }

    /// Proposals, those with the most calls first, and the runs that they are of or that are under way, the latest first.
    ///
    /// Without a run it means of each pool and vertical the latest that has finished and looked at it, since proposals of
    /// earlier ones are found again by it, or gone; with what is hidden all runs, of which these and what was decided are.
    ///
    /// - Parameter limitedTo: verticals that who asks is limited to; nil: to none.
    /// - Throws: `.notFound` for a run that there is not.
    package func list(
        _ request: DiscoveryListRequest,
        limitedTo: Set<Vertical>? = nil,
    ) async throws -> DiscoveryListResponse {
        let shown: [(key: Bits128, value: Run)]
        // Verticals of these runs that a later one has looked at.
        var passed: [Bits128: Set<Vertical>] = [:]
        if let id = request.run {
            guard let run = runs[id], run.mayBeKnown(to: limitedTo) else { throw noRun(id) }
            shown = [(key: id, value: run)]
        } else {
            let known = runs.filter { $0.value.mayBeKnown(to: limitedTo) }.sorted { Self.isLater($0, $1) }
            if !request.includesHidden { passed = Self.passed(of: known) }
            shown = request.includesHidden ? known : Self.latest(of: known, passed)
        }
        let told = Set(shown.map { $0.key })
        let verticals = Set(request.verticals)
        let found = try await book.proposals(of: request.run, members: DiscoveryListResponse.listedMembers)
        let all = found.filter {
            told.contains($0.proposal.run) && (verticals.isEmpty || verticals.contains($0.proposal.vertical))
                && passed[$0.proposal.run]?.contains($0.proposal.vertical) != true
        }
        let listed = all.filter { request.includesHidden || !$0.proposal.isHidden }
        let limit = min(max(request.limit, 1), DiscoveryListRequest.maximumLimit)
        let rest = listed.dropFirst(max(0, request.after))
        var page: [ListedProposal] = []
        var bytes = 0
        for entry in rest.prefix(limit) {
            bytes += entry.proposal.roughBytes
            guard page.isEmpty || bytes <= Limits.pageBytes else { break }
            page.append(entry)
        }
        return DiscoveryListResponse(
            proposals: page.map(\.proposal),
            sizes: page.map(\.size),
            runs: shown.filter { run in
                let seen = run.value.settings.request.verticals
                if let asked = limitedTo ?? (verticals.isEmpty ? nil : verticals),
                    passed[run.key]?.isSuperset(of: asked) == true
                {
                    return false
                }
                return verticals.isEmpty || seen.isEmpty || !verticals.isDisjoint(with: seen)
            }.map { id, run in
                var whole = summary(of: run, id)
                if request.run != nil, let words = self.wordsOfLater(id, run, left: found.map(\.proposal)) {
                    let note = [words, whole.progress.note].filter { !$0.isEmpty }.joined(separator: " ")
                    whole.progress.note = note.shortened(toBytes: RunProgress.maximumNoteBytes)
                }
                guard let limitedTo, !run.mayBeKnownWhole(to: limitedTo) else { return whole }
                return whole.limited(to: limitedTo, all.lazy.map(\.proposal).filter { $0.run == id })
            },
            calls: page.map(\.calls),
            conversations: page.map(\.conversations),
            isMore: page.count < rest.count
        )
    }

    /// Where a run's proposals are that are not its any more; nil: it has all that it found.
    ///
    /// - Parameter left: what the book has of it.
    private func wordsOfLater(_ id: Bits128, _ run: Run, left: [Proposal]) -> String? {
        guard let summary = run.outcome?.summary,
            summary.proposals + summary.unclear > left.count(where: { $0.continuity != .gone })
        else { return nil }
        let asked = run.settings.request
        let later = runs.filter { other in
            let request = other.value.settings.request
            guard request.pool == asked.pool, other.value.board.value.phase == .finished else { return false }
            return request.looksAtSome(of: asked.verticals) && Self.isLater(other, (key: id, value: run))
        }
        guard let last = later.min(by: { Self.isLater($0, $1) }) else { return nil }
        return "What later runs found again is listed with these, lastly run \(last.key)."
    }

    /// Those under way or waiting, and of each pool and vertical the one that finished last; besides these what ended
    /// otherwise since the pool's last.
    ///
    /// - Parameters:
    ///   - runs: the latest first.
    ///   - passed: of those that have finished and that not all of is passed.
    private static func latest(
        of runs: [(key: Bits128, value: Run)],
        _ passed: [Bits128: Set<Vertical>],
    ) -> [(key: Bits128, value: Run)] {
        var finished: Set<String> = []
        return runs.filter { entry in
            let pool = entry.value.settings.request.pool
            switch entry.value.board.value.phase {
            case .finished:
                finished.insert(pool)
                return passed[entry.key] != nil
            case let phase: return !phase.isOver || !finished.contains(pool)
            }
        }
    }

    /// Of runs that have finished, the verticals that a later one over the same pool has looked at; without those of which
    /// nothing is left.
    ///
    /// - Parameter runs: the latest first.
    private static func passed(of runs: [(key: Bits128, value: Run)]) -> [Bits128: Set<Vertical>] {
        var (whole, parts): (Set<String>, [String: Set<Vertical>]) = ([], [:])
        var passed: [Bits128: Set<Vertical>] = [:]
        for (id, run) in runs where run.board.value.phase == .finished {
            let request = run.settings.request
            let seen = parts[request.pool, default: []]
            let isPassed = !request.verticals.isEmpty && seen.isSuperset(of: request.verticals)
            guard !isPassed, !whole.contains(request.pool) else { continue }
            passed[id] = seen
            if request.verticals.isEmpty { whole.insert(request.pool) }
            parts[request.pool] = seen.union(request.verticals)
        }
        return passed
    }

    /// A proposal with a page of its members, what was decided about it or is being decided, and the ways of conversations
    /// that come by it.
    ///
    /// - Parameter context: whose key may be limited to verticals.
    /// - Throws: `.notFound` where it is not there, or its run is not kept any more.
    package func show(_ request: DiscoveryShowRequest, _ context: CallContext) async throws -> DiscoveryShowResponse {
        try await show(request) { (vertical: Vertical) throws(SwitchboardError) in
            try context.checkKey { (access) throws(SwitchboardError) in try access.check(vertical, isNamed: false) }
        }
    }

    /// The same without a call.
    ///
    /// - Parameter check: throws where a vertical is closed to who asks.
    func show(
        _ request: DiscoveryShowRequest,
        check: @Sendable (Vertical) throws(SwitchboardError) -> Void = { _ in },
    ) async throws -> DiscoveryShowResponse {
        let proposal = try await proposal(request.proposal)
        try check(proposal.vertical)
        if let run = request.run, run != proposal.run {
            guard runs[run] != nil else { throw noRun(run) }
            throw SwitchboardError(
                .notFound,
                "the proposal is kept as run \(proposal.run) found it, the latest that did; how run \(run) found it, if it "
                    + "did, is not kept: leave the run out"
            )
        }
        let texts = Dictionary(
            proposal.members.map { (ExemplarID(vertical: proposal.vertical, text: $0.text), $0.text) },
            uniquingKeysWith: { first, _ in first }
        )
        let decisions = try await book.history(of: proposal.id)
        var ways: [TrajectoryCount] = []
        if request.trajectories {
            ways = (runs[proposal.run]?.outcome?.trajectories ?? []).filter { way in
                way.steps.contains { $0.proposal == proposal.id }
            }
        }
        return DiscoveryShowResponse(
            showing: proposal,
            limit: request.limit,
            after: request.after,
            history: decisions.filter(\.isDone).map { $0.entry(texts: texts) },
            // Nothing else is begun before it has ended, so there is one at most.
            begun: decisions.first { !$0.isDone }?.entry(texts: texts),
            trajectories: ways
        )
    }

    /// - Throws: `.notFound` where it is not in the book.
    func proposal(_ id: Bits128) async throws -> Proposal {
        guard let proposal = try await book.proposal(id) else {
            throw SwitchboardError(
                .notFound,
                "there is no proposal \(id): it never was there, or its run is gone (of each pool the newest are "
                    + "kept, and for \(limits.retention.components.seconds / 86_400) days what was accepted or rejected); "
                    + "'discover list --all' shows those that there are, and 'index undo accept-...' takes the exemplars "
                    + "out that were accepted of one that is gone ('index history' names that change)"
            )
        }
        return proposal
    }
}

extension Clusterer.Run {
    /// Whether it looks at anything that is open to somebody who is limited to verticals.
    func mayBeKnown(to verticals: Set<Vertical>?) -> Bool {
        guard let verticals else { return true }
        let seen = settings.request.verticals
        return seen.isEmpty || !verticals.isDisjoint(with: seen)
    }

    /// Whether all that it looks at is.
    func mayBeKnownWhole(to verticals: Set<Vertical>?) -> Bool {
        guard let verticals else { return true }
        let seen = settings.request.verticals
        return !seen.isEmpty && verticals.isSuperset(of: seen)
    }
}

extension DiscoveryStartRequest {
    /// - Parameter verticals: empty: all.
    fileprivate func looksAtSome(of verticals: [Vertical]) -> Bool {
        self.verticals.isEmpty || verticals.isEmpty || !Set(self.verticals).isDisjoint(with: verticals)
    }
}

extension RunProgress {
    /// Its words name verticals.
    var withoutWords: RunProgress {
        var progress = self
        progress.note = ""
        return progress
    }
}

extension RunSummary {
    /// What somebody may know who is limited to verticals: nothing of the others, not even how much there is of them.
    ///
    /// - Parameter proposals: of the run, in these verticals.
    func limited(to verticals: Set<Vertical>, _ proposals: some Sequence<Proposal>) -> RunSummary {
        let found = proposals.filter { $0.continuity != .gone }
        var summary = self
        summary.verticals = (self.verticals.isEmpty ? verticals : verticals.intersection(self.verticals)).sorted()
        summary.progress = progress.withoutWords
        summary.utterances = 0
        summary.proposals = found.count { $0.judgement.isGood }
        summary.unclear = found.count - summary.proposals
        summary.cuts = cuts.filter { verticals.contains($0.vertical) }
        summary.largestShare = 0
        summary.largestMergedShare = 0
        return summary
    }
}

extension Proposal {
    /// Decided about, or not found any more.
    var isHidden: Bool { state != .open || continuity == .gone }

    /// About what it takes in a message.
    var roughBytes: Int {
        let words = keywords.reduce(0) { $0 + $1.utf8.count + 4 }
        return words + members.reduce(0) { $0 + $1.text.value.utf8.count + $1.origin.count + 48 } + 1_024
    }
}

extension ReviewDecision {
    /// - Parameter texts: of the proposal's members; what was erased since is left out.
    func entry(texts: [ExemplarID: UtteranceText]) -> ReviewEntry {
        let action: ReviewAction =
            switch act {
            case .accept(let path, let vertical, let exemplars, let attributes):
                .accept(
                    path: path,
                    vertical: vertical,
                    texts: exemplars.map { ids in ids.compactMap { texts[$0] } },
                    attributes: attributes
                )
            case .reject: .reject
            case .rename(let label): .rename(label)
            case .merge(let other): .merge(into: other)
            case .split: .split
            case .undo: .undo
            }
        return ReviewEntry(
            proposal: proposal,
            operation: operation,
            action: action,
            reviewer: reviewer,
            timeMicroseconds: timeMicroseconds,
            position: position
        )
    }
}
