package import Calls
internal import Clustering
internal import Core
internal import Logging
internal import UpdateStore
package import Wire

/// What people decide about proposals. Each decision has one effect, whatever becomes of the process and however often it
/// is sent: what changes the index is noted before it is asked for, with operation ids that follow from the decision's.
extension Clusterer {
    /// - Throws: `.notFound` for a proposal that is not there; `.alreadyExists` where it was decided so already, or the
    ///   operation id was used for something else; `.failedPrecondition` where it cannot be decided so; `.aborted` where it
    ///   was changed meanwhile; what the index answers. After `.unavailable` and `.deadlineExceeded` the same operation
    ///   again goes on where it was.
    package func review(
        _ request: DiscoveryReviewRequest,
        _ context: CallContext,
    ) async throws -> DiscoveryReviewResponse {
        let reviewer = context.caller.access?.name.text ?? request.author
        let proposal = try await proposal(request.proposal)
        try context.checkKey { (access) throws(SwitchboardError) in
            try access.check(proposal.vertical, isNamed: false)
            if case .accept(_, let vertical, _, _) = request.action { try access.check(vertical) }
        }
        return try await review(request, by: reviewer, until: context.effectiveDeadline) {
            (vertical: Vertical) throws(SwitchboardError) in
            try context.checkKey { (access) throws(SwitchboardError) in try access.check(vertical) }
        }
    }

    /// The same without a call.
    ///
    /// - Parameter check: throws where a vertical is closed to the reviewer that the request does not name.
    func review(
        _ request: DiscoveryReviewRequest,
        by reviewer: String,
        until deadline: ContinuousClock.Instant,
        check: @Sendable (Vertical) throws(SwitchboardError) -> Void = { _ in },
    ) async throws -> DiscoveryReviewResponse {
        // One that is sent again before it has ended waits, and is told what became of it.
        try await hold(request.operation)
        defer { release(request.operation) }
        if let known = try await book.decision(of: request.operation) {
            return try await repeated(known, request, until: deadline)
        }
        try await settle(request.proposal, until: deadline)
        let proposal = try await proposal(request.proposal)
        var decision = ReviewDecision(
            operation: request.operation,
            proposal: proposal.id,
            act: .reject,
            reviewer: reviewer,
            timeMicroseconds: now()
        )
        switch request.action {
        case .accept(let path, let vertical, let texts, let attributes):
            try ReviewRules.requireUndecided(proposal)
            let exemplars = try ReviewRules.chosen(texts, of: proposal)
            decision.act = .accept(path: path, vertical: vertical, exemplars: exemplars, attributes: attributes)
            try await book.begin(decision, while: proposal.state)
            try await carryOut(decision, until: deadline)
        case .reject:
            try ReviewRules.requireUndecided(proposal)
            decision.change = try ReviewRules.reject(proposal)
            try await book.apply(decision)
        case .rename(let label):
            try ReviewRules.requireUndecided(proposal)
            decision.act = .rename(label)
            let others = try await book.proposals(of: proposal.run, members: 0).map(\.proposal)
            decision.change = try ReviewRules.rename(proposal, to: label, beside: others)
            try await book.apply(decision)
        case .merge(let id):
            try ReviewRules.requireUndecided(proposal)
            try await settle(id, until: deadline)
            let other = try await self.proposal(id)
            decision.act = .merge(into: id)
            let members = try await book.members(of: proposal.id).map(\.number)
            decision.change = try ReviewRules.merge(proposal, members, into: other)
            let words = try await keywords(of: other.members + proposal.members, in: other, without: proposal.id)
            decision.change.setKeywords(words, of: id)
            try await book.apply(decision)
        case .split:
            try ReviewRules.requireUndecided(proposal)
            decision.act = .split
            decision.change = try await split(proposal, by: decision.operation)
            try await book.apply(decision)
        case .undo: try await undo(decision, proposal, until: deadline, check: check)
        }
        return try await answer(decision.operation)
    }

    /// The same operation again.
    private func repeated(
        _ known: ReviewDecision,
        _ request: DiscoveryReviewRequest,
        until deadline: ContinuousClock.Instant,
    ) async throws -> DiscoveryReviewResponse {
        let proposal = try await proposal(request.proposal)
        guard known.proposal == request.proposal, known.act.isSame(as: request.action, in: proposal.vertical) else {
            throw ReviewStore.usedOperation
        }
        if !known.isDone { try await carryOut(known, until: deadline) }
        return try await answer(known.operation)
    }

    /// What became of a decision, told from the book, so that it is the same however often it is asked for.
    private func answer(_ operation: Bits128) async throws -> DiscoveryReviewResponse {
        guard let decision = try await book.decision(of: operation) else {
            throw SwitchboardError(.aborted, "the proposal's run is not kept any more, and the decision with it")
        }
        let proposal = try await proposal(decision.proposal)
        var others: [Proposal] = []
        for id in decision.touched.dropFirst().prefix(DiscoveryReviewResponse.maximumOthers) {
            // Parts of a split that was taken back are gone.
            guard let other = try await book.proposal(id) else { continue }
            others.append(other.withMembers(atMost: DiscoveryListResponse.listedMembers))
        }
        return DiscoveryReviewResponse(
            proposal: proposal.withMembers(atMost: DiscoveryListResponse.listedMembers),
            receipt: decision.position,
            others: others
        )
    }

    // MARK: Merging and splitting

    private static let keywords = 10
    /// Members of each other proposal that words are held against.
    private static let heldAgainst = 100

    /// Words that set members apart from the other proposals of a run.
    ///
    /// - Parameters:
    ///   - proposal: that the members are of.
    ///   - part: another one that is not held against them.
    ///   - rest: what is held against them besides.
    private func keywords(
        of members: [ProposalMember],
        in proposal: Proposal,
        without part: Bits128,
        against rest: [ProposalMember] = [],
    ) async throws -> [String] {
        let others = try await book.proposals(of: proposal.run, members: Self.heldAgainst).map(\.proposal).filter {
            $0.id != proposal.id && $0.id != part
        }
        guard !members.isEmpty else { return [] }
        let clusters = [members, rest] + others.map(\.members)
        let texts = clusters.filter { !$0.isEmpty }.map { $0.map(\.text.value) }
        return try await WorkThread("sb-words", niceness: Computation.niceness).run {
            ClusterKeywords(clusters: texts).keywords(of: 0, limit: Self.keywords)
        }
    }

    private func split(_ proposal: Proposal, by operation: Bits128) async throws -> BookChange {
        let members = try await book.members(of: proposal.id)
        let texts = members.map(\.member.text)
        let unable = SwitchboardError(
            .failedPrecondition,
            "the members do not fall into parts that could be told apart; accept some of them by their texts instead"
        )
        guard members.count >= ClusterSplit.leastMembers else { throw unable }
        let vectors = try await engines.encode(texts)
        guard let dimension = vectors.first?.count, dimension > 0 else { throw unable }
        let split = try await WorkThread("sb-split", niceness: Computation.niceness).run {
            ClusterSplit(VectorTable(dimension: dimension, rows: vectors), seed: 1)
        }
        guard let parts = split.parts else { throw unable }
        let keywords = ClusterKeywords(clusters: parts.map { part in part.map { texts[$0].value } })
        return ReviewRules.split(
            proposal,
            members.map(\.number),
            into: parts,
            names: try await names(of: parts.count, partsOf: proposal, by: keywords),
            keywords: parts.indices.map { keywords.keywords(of: $0, limit: Self.keywords) },
            by: operation
        )
    }

    /// Of their keywords, as a run makes them where no model does: none is an intent's, nor another proposal's of the run.
    private func names(
        of count: Int,
        partsOf proposal: Proposal,
        by keywords: ClusterKeywords,
    ) async throws -> [String] {
        var check = NameCheck(taken: try await intents(proposal.vertical))
        for other in try await book.proposals(of: proposal.run, members: 0).map(\.proposal)
        where other.vertical == proposal.vertical {
            check.take(other.name.label)
        }
        var names: [String] = []
        for number in 0..<count {
            let name = NameFallback.label(of: number, role: proposal.role, keywords: keywords, check: check)
            check.take(name)
            names.append(name)
        }
        return names
    }

    // MARK: Taking back

    private func undo(
        _ begun: ReviewDecision,
        _ proposal: Proposal,
        until deadline: ContinuousClock.Instant,
        check: @Sendable (Vertical) throws(SwitchboardError) -> Void,
    ) async throws {
        let history = try await book.history(of: proposal.id)
        let undone = try ReviewRules.undone(in: history)
        // It may have been accepted into another vertical than it is of.
        if case .accept(_, let vertical, _, _) = undone.act { try check(vertical) }
        var histories: [Bits128: [ReviewDecision]] = [:]
        for id in undone.touched {
            try await settle(id, until: deadline)
            histories[id] = try await book.history(of: id)
        }
        try ReviewRules.requireLast(undone, in: histories)
        var decision = begun
        decision.act = .undo(operation: undone.operation)
        guard case .accept = undone.act else {
            let moves = undone.change.moves
            let present = try await book.present(moves)
            guard moves.isEmpty || present > 0 else {
                throw SwitchboardError(
                    .failedPrecondition,
                    "the members were erased, or a later run has found them anew; there is nothing left to take back"
                )
            }
            decision.change = undone.change.inverse
            if case .merge(let id) = undone.act {
                let moved = Set(moves.flatMap(\.members))
                let (other, members) = (try await self.proposal(id), try await book.members(of: id))
                let words = try await keywords(
                    of: members.filter { !moved.contains($0.number) }.map(\.member),
                    in: other,
                    without: undone.proposal,
                    against: members.filter { moved.contains($0.number) }.map(\.member)
                )
                decision.change.setKeywords(words, of: id)
            }
            return try await book.apply(decision, undoing: undone.operation)
        }
        let accepted = try await self.proposal(undone.proposal)
        decision.proposal = undone.proposal
        try await book.begin(decision, while: accepted.state)
        try await carryOut(decision, until: deadline)
    }

    // MARK: Decisions that were begun

    /// Finishes what was begun about a proposal before anything else is decided about it.
    private func settle(_ proposal: Bits128, until deadline: ContinuousClock.Instant) async throws {
        for decision in try await book.history(of: proposal) where !decision.isDone {
            try await finishBegun(decision.operation, until: deadline)
        }
    }

    /// Waits for whoever has it in hand, and finishes what is left.
    func finishBegun(_ operation: Bits128, until deadline: ContinuousClock.Instant) async throws {
        try await hold(operation)
        defer { release(operation) }
        guard let begun = try await book.decision(of: operation), !begun.isDone else { return }
        try await carryOut(begun, until: deadline)
    }

    /// Returns when the operation is in nobody else's hands. Who holds one that was begun waits for no other, so that
    /// nobody waits for himself.
    private func hold(_ operation: Bits128) async throws {
        while let other = deciding[operation] {
            for await _ in other.values() {}
            try Task.checkCancellation()
        }
        deciding[operation] = CurrentValue(true)
    }

    private func release(_ operation: Bits128) { deciding.removeValue(forKey: operation)?.finish() }

    /// Decisions of which the index may have heard, and the book has not: of before a start, or of somebody who does not ask
    /// again. Runs that were kept as long as they may be are forgotten beside it.
    func settleUnfinished() async {
        while !Task.isCancelled {
            await settleOld()
            tidy()
            guard (try? await Task.sleep(for: .seconds(30))) != nil else { return }
        }
    }

    private func settleOld() async {
        // One that was begun a moment ago is in the hands of who asked for it.
        let time = now()
        let moments = (time - 60_000_000)...time
        let unfinished = (try? await book.unfinished()) ?? []
        // A time in the future is of a clock that was ahead, and says nothing of when that was.
        for decision in unfinished where !moments.contains(decision.timeMicroseconds) {
            do {
                try await finishBegun(decision.operation, until: .now + .seconds(30))
            } catch {
                logger.warning("a decision is not in the index yet", metadata: ["reason": "\(error)"])
            }
        }
    }
}

extension ReviewDecision.Act {
    /// Whether somebody who asks for this again means the same.
    func isSame(as action: ReviewAction, in vertical: Vertical) -> Bool {
        switch (self, action) {
        case (
            .accept(let path, let place, let exemplars, let attributes),
            .accept(let askedPath, let askedPlace, let texts, let askedAttributes)
        ):
            guard path == askedPath, place == askedPlace, attributes == askedAttributes else { return false }
            guard let texts else { return exemplars == nil }
            let ids = Set(texts.map { ExemplarID(vertical: vertical, text: $0) })
            return exemplars.map { Set($0) } == ids
        case (.reject, .reject), (.split, .split), (.undo, .undo): return true
        case (.rename(let label), .rename(let other)): return label == other
        case (.merge(let id), .merge(let other)): return id == other
        default: return false
        }
    }
}
