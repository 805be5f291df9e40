package import Core

/// Asks for all that is known of a proposal.
package struct DiscoveryShowRequest: Sendable, Equatable {
    package static let defaultLimit = 100
    package static let maximumLimit = Limits.maximumItems

    package var proposal: Bits128
    /// As it was in that run; nil: as it is now.
    package var run: Bits128?
    package var trajectories: Bool
    /// Of members, at most `maximumLimit`; fewer may come.
    package var limit: Int
    /// So many members are left out.
    package var after: Int

    package init(
        proposal: Bits128,
        run: Bits128? = nil,
        trajectories: Bool = false,
        limit: Int = DiscoveryShowRequest.defaultLimit,
        after: Int = 0,
    ) {
        self.proposal = proposal
        self.run = run
        self.trajectories = trajectories
        self.limit = limit
        self.after = after
    }
}

/// A proposal with some of its members, and what was decided about it.
package struct DiscoveryShowResponse: Sendable, Equatable {
    package static let maximumHistory = Limits.maximumItems
    package static let maximumTrajectories = 100

    package var proposal: Proposal
    /// Oldest first.
    package var history: [ReviewEntry]
    /// What was begun and has not ended: the index has not taken it, or nobody knows. Not in `history` yet.
    package var begun: ReviewEntry?
    /// Of conversations that come by it, the commonest first; empty where they were not asked for.
    package var trajectories: [TrajectoryCount]
    /// Members, with those that are left out here.
    package var size: Int
    /// How often they were said.
    package var calls: Int
    /// In how many different conversations.
    package var conversations: Int

    /// - Parameter size: nil, as `calls` and `conversations`: of the members that are there.
    package init(
        proposal: Proposal,
        history: [ReviewEntry] = [],
        begun: ReviewEntry? = nil,
        trajectories: [TrajectoryCount] = [],
        size: Int? = nil,
        calls: Int? = nil,
        conversations: Int? = nil,
    ) {
        self.proposal = proposal
        self.history = history
        self.begun = begun
        self.trajectories = trajectories
        self.size = size ?? proposal.members.count
        self.calls = calls ?? proposal.calls
        self.conversations = conversations ?? proposal.conversations
    }

    /// Shows a page of a whole proposal's members, and its latest history, as much as fits in one message. Of a decision
    /// that chose texts which are too long for that the texts are left out.
    package init(
        showing whole: Proposal,
        limit: Int,
        after: Int,
        history: [ReviewEntry] = [],
        begun: ReviewEntry? = nil,
        trajectories: [TrajectoryCount] = [],
    ) {
        var proposal = whole
        let asked = Array(whole.members.dropFirst(max(0, after)))
        let most = min(max(1, limit), DiscoveryShowRequest.maximumLimit)
        proposal.members = asked.pages(atMost: most, size: { $0.encodedBound }).first.map { Array($0) } ?? []
        self.init(
            proposal: proposal,
            history: Self.latest(of: history),
            begun: begun.map(Self.fitting),
            trajectories: Array(trajectories.prefix(Self.maximumTrajectories)),
            size: whole.members.count,
            calls: whole.calls,
            conversations: whole.conversations
        )
    }

    private static func latest(of history: [ReviewEntry]) -> [ReviewEntry] {
        let entries = history.reversed().map(fitting)
        guard let page = entries.pages(atMost: maximumHistory, size: { $0.encodedBound }).first else { return [] }
        return Array(page.reversed())
    }

    private static func fitting(_ entry: ReviewEntry) -> ReviewEntry {
        guard entry.encodedBound > Limits.pageBytes,
            case .accept(let path, let vertical, _, let attributes) = entry.action
        else { return entry }
        var short = entry
        short.action = .accept(path: path, vertical: vertical, texts: nil, attributes: attributes)
        return short
    }
}

/// What a person decides about a proposal.
package struct DiscoveryReviewRequest: Sendable, Equatable {
    package var proposal: Bits128
    package var action: ReviewAction
    /// The same again has no second effect, and gets the first answer.
    package var operation: Bits128
    /// Counts where the node uses no keys; else the key's name does.
    package var author: String

    package init(proposal: Bits128, action: ReviewAction, operation: Bits128, author: String = "") {
        self.proposal = proposal
        self.action = action
        self.operation = operation
        self.author = author
    }
}

/// What came of it.
package struct DiscoveryReviewResponse: Sendable, Equatable {
    package static let maximumOthers = Limits.maximumItems

    /// As it is now, with at most three members.
    package var proposal: Proposal
    /// Of the last record that it made in the log; nil: it made none.
    package var receipt: LogPosition?
    /// That came of it, or changed with it; with at most three members each.
    package var others: [Proposal]

    package init(proposal: Proposal, receipt: LogPosition? = nil, others: [Proposal] = []) {
        self.proposal = proposal
        self.receipt = receipt
        self.others = others
    }
}

extension ReviewAction {
    /// Of texts that are chosen.
    package static let maximumTexts = AppendBatch.maximumCommands
}

extension TrajectoryCount {
    package static let maximumSteps = Limits.maximumItems
}
