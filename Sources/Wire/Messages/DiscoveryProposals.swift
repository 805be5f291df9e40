package import Core

/// Asks for proposals, those with the most calls first.
package struct DiscoveryListRequest: Sendable, Equatable {
    package static let defaultLimit = 100
    package static let maximumLimit = Limits.maximumItems

    /// Nil: the latest run of each pool.
    package var run: Bits128?
    /// With those that were decided, or are gone.
    package var includesHidden: Bool
    /// Empty: all that may be seen.
    package var verticals: [Vertical]
    /// At most `maximumLimit`; fewer may come.
    package var limit: Int
    /// So many of the first are left out.
    package var after: Int

    package init(
        run: Bits128? = nil,
        includesHidden: Bool = false,
        verticals: [Vertical] = [],
        limit: Int = DiscoveryListRequest.defaultLimit,
        after: Int = 0,
    ) {
        self.run = run
        self.includesHidden = includesHidden
        self.verticals = verticals
        self.limit = limit
        self.after = after
    }
}

/// Some proposals, each with at most three members.
package struct DiscoveryListResponse: Sendable, Equatable {
    package static let listedMembers = 3

    package var proposals: [Proposal]
    /// Of each its members.
    package var sizes: [Int]
    /// Of each how often its members were said.
    package var calls: [Int]
    /// Of each in how many different conversations.
    package var conversations: [Int]
    /// That the proposals are of, or that are under way; the latest first.
    package var runs: [RunSummary]
    /// There are proposals after these.
    package var isMore: Bool

    /// - Parameters:
    ///   - calls: as many as there are proposals; nil: of the members that are there.
    ///   - conversations: likewise.
    package init(
        proposals: [Proposal],
        sizes: [Int],
        runs: [RunSummary] = [],
        calls: [Int]? = nil,
        conversations: [Int]? = nil,
        isMore: Bool = false,
    ) {
        self.proposals = proposals
        self.sizes = sizes
        self.runs = runs
        self.calls = calls ?? proposals.map(\.calls)
        self.conversations = conversations ?? proposals.map(\.conversations)
        self.isMore = isMore
        precondition(
            [self.sizes.count, self.calls.count, self.conversations.count].allSatisfy { $0 == proposals.count },
            "a listed proposal has a size"
        )
    }

    /// Lists whole proposals, as far as they fit in one message.
    ///
    /// - Parameter isMore: whether there are others after `whole`.
    package init(listing whole: some Sequence<Proposal>, runs: [RunSummary], isMore: Bool) {
        let whole = Array(whole)
        let listed = whole.map { $0.withMembers(atMost: Self.listedMembers) }
        let page = listed.pages(atMost: DiscoveryListRequest.maximumLimit, size: { $0.encodedBound }).first?.count ?? 0
        self.init(
            proposals: Array(listed.prefix(page)),
            sizes: whole.prefix(page).map(\.members.count),
            runs: runs,
            calls: whole.prefix(page).map(\.calls),
            conversations: whole.prefix(page).map(\.conversations),
            isMore: isMore || page < whole.count
        )
    }
}

extension Proposal {
    package static let maximumKeywords = Limits.maximumItems
    /// In one message.
    package static let maximumMembers = Limits.maximumItems

    /// The same with no more than its first members.
    package func withMembers(atMost count: Int) -> Proposal {
        var proposal = self
        proposal.members = Array(members.prefix(count))
        return proposal
    }
}
