package import Calls
package import Core
internal import UpdateStore
package import Wire

/// What is told of runs and proposals.
extension Clusterer {
    /// Tells how far a run is, whenever that changes, until it is over.
    ///
    /// - Throws: `.notFound` for a run that there is not, or where there is none at all; `.resourceExhausted` where too
    ///   many watch.
    package func watch(_ request: DiscoveryWatchRequest, _ writer: StreamWriter<DiscoveryWatchResponse>) async throws {
        let newest = runs.sorted { Self.isLater($0, $1) }.first?.key
        guard let id = request.run ?? newest else {
            throw SwitchboardError(.notFound, "no run of discovery was started so far (discover start)")
        }
        guard let run = runs[id] else { throw noRun(id) }
        guard watchers < limits.watchers else {
            throw SwitchboardError(
                .resourceExhausted,
                "\(watchers) clients watch runs, which is the most",
                retryAfter: .seconds(5)
            )
        }
        watchers += 1
        defer { watchers -= 1 }
        for await progress in run.board.values() {
            try await writer.send(DiscoveryWatchResponse(run: id, progress: progress), within: .seconds(30))
            if progress.phase.isOver { return }
        }
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
    /// Without a run it means the latest that has finished of each pool: proposals of earlier ones are found again by it,
    /// or gone.
    ///
    /// - Throws: `.notFound` for a run that there is not.
    package func list(_ request: DiscoveryListRequest) async throws -> DiscoveryListResponse {
        let shown: [(key: Bits128, value: Run)]
        if let id = request.run {
            guard let run = runs[id] else { throw noRun(id) }
            shown = [(key: id, value: run)]
        } else {
            shown = latestRuns()
        }
        let told = Set(shown.map { $0.key })
        let verticals = Set(request.verticals)
        let listed = try await book.proposals(of: request.run, members: DiscoveryListResponse.listedMembers).filter {
            told.contains($0.proposal.run) && (verticals.isEmpty || verticals.contains($0.proposal.vertical))
                && (request.includesHidden || !$0.proposal.isHidden)
        }
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
                return verticals.isEmpty || seen.isEmpty || !verticals.isDisjoint(with: seen)
            }.map { summary(of: $0.value, $0.key) },
            calls: page.map(\.calls),
            conversations: page.map(\.conversations),
            isMore: page.count < rest.count
        )
    }

    /// Those under way or waiting, and of each pool the one that finished last; besides these what ended otherwise since.
    private func latestRuns() -> [(key: Bits128, value: Run)] {
        var finished: Set<String> = []
        return runs.sorted { Self.isLater($0, $1) }.filter { entry in
            let pool = entry.value.settings.request.pool
            guard !finished.contains(pool) else { return !entry.value.board.value.phase.isOver }
            if entry.value.board.value.phase == .finished { finished.insert(pool) }
            return true
        }
    }

    /// A proposal with a page of its members, what was decided about it, and the ways of conversations that come by it.
    ///
    /// - Parameter context: whose key may be limited to verticals.
    /// - Throws: `.notFound` where it is not there, or its run is not kept any more.
    package func show(_ request: DiscoveryShowRequest, _ context: CallContext) async throws -> DiscoveryShowResponse {
        let proposal = try await proposal(request.proposal)
        try context.checkKey { (access) throws(SwitchboardError) in try access.check(proposal.vertical) }
        if let run = request.run, run != proposal.run {
            guard runs[run] != nil else { throw noRun(run) }
            throw SwitchboardError(
                .notFound,
                "the proposal is kept as run \(proposal.run) found it, not as run \(run) did; leave the run out"
            )
        }
        let texts = Dictionary(
            proposal.members.map { (ExemplarID(vertical: proposal.vertical, text: $0.text), $0.text) },
            uniquingKeysWith: { first, _ in first }
        )
        let history = try await book.history(of: proposal.id).filter(\.isDone).map { $0.entry(texts: texts) }
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
            history: history,
            trajectories: ways
        )
    }

    /// - Throws: `.notFound` where it is not in the book.
    func proposal(_ id: Bits128) async throws -> Proposal {
        guard let proposal = try await book.proposal(id) else {
            throw SwitchboardError(
                .notFound,
                "there is no proposal \(id): it never was there, or its run is gone (the newest \(limits.keptRuns) runs "
                    + "are kept)"
            )
        }
        return proposal
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
