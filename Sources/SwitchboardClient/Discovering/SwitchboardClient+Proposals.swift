internal import Calls
package import Core
package import Wire

/// Proposals of runs, and what people decide about them.
extension SwitchboardClient {
    /// Proposals with the most calls first, each with at most three members, and the runs that they are of.
    ///
    /// - Parameters:
    ///   - run: nil: the latest of each pool.
    ///   - includesHidden: with those that were decided, or are gone.
    ///   - verticals: empty: all that may be seen.
    ///   - limit: nil: all of them, in as many calls as they need.
    /// - Throws: `NOT_FOUND` for a run that there is not.
    package func proposals(
        of run: Bits128? = nil,
        includesHidden: Bool = false,
        verticals: [Vertical] = [],
        limit: Int? = nil,
    ) async throws(ClientError) -> DiscoveryListResponse {
        var all = DiscoveryListResponse(proposals: [], sizes: [])
        let most = limit ?? .max
        while true {
            let request = DiscoveryListRequest(
                run: run,
                includesHidden: includesHidden,
                verticals: verticals,
                limit: min(most - all.proposals.count, DiscoveryListRequest.maximumLimit),
                after: all.proposals.count
            )
            let page = try await discoveryCall(Methods.discoveryList, request)
            // Those of the first page: a run may begin in between.
            if all.proposals.isEmpty { all.runs = page.runs }
            all.append(page)
            // A page without proposals would come again and again.
            guard page.isMore, !page.proposals.isEmpty, all.proposals.count < most else { return all }
        }
    }

    /// All that is known of a proposal.
    ///
    /// - Parameters:
    ///   - run: that has to be the latest that found it, as which it is kept; nil: whichever that is.
    ///   - memberLimit: nil: all members, in as many calls as they need.
    /// - Throws: `NOT_FOUND` for a proposal that there is not, or whose run is gone.
    package func proposal(
        _ proposal: Bits128,
        run: Bits128? = nil,
        withTrajectories: Bool = false,
        memberLimit: Int? = nil,
    ) async throws(ClientError) -> DiscoveryShowResponse {
        let most = memberLimit ?? .max
        var whole: DiscoveryShowResponse?
        while true {
            let known = whole?.proposal.members.count ?? 0
            let request = DiscoveryShowRequest(
                proposal: proposal,
                run: run,
                trajectories: withTrajectories && whole == nil,
                limit: min(most - known, DiscoveryShowRequest.maximumLimit),
                after: known
            )
            let page = try await discoveryCall(Methods.discoveryShow, request)
            if whole == nil {
                whole = page
            } else {
                whole?.proposal.members += page.proposal.members
            }
            let members = known + page.proposal.members.count
            if page.proposal.members.isEmpty || members >= min(most, page.size) { return whole ?? page }
        }
    }

    /// Does what a person decided about a proposal. What is accepted is known to the replicas when it returns.
    ///
    /// - Parameters:
    ///   - operation: the same again has no second effect, and gets the first answer.
    ///   - author: counts where the node uses no keys.
    /// - Throws: `NOT_FOUND` for a proposal that there is not, or whose run is gone; `ALREADY_EXISTS` where it was decided so
    ///   already; `FAILED_PRECONDITION` where its state does not allow it; `UNAVAILABLE` without an updater.
    package func review(
        _ proposal: Bits128,
        _ action: ReviewAction,
        operation: Bits128 = .random(),
        author: String = "",
    ) async throws(ClientError) -> DiscoveryReviewResponse {
        try await discoveryCall(
            Methods.discoveryReview,
            DiscoveryReviewRequest(proposal: proposal, action: action, operation: operation, author: author)
        )
    }
}

extension DiscoveryListResponse {
    /// What comes after these.
    fileprivate mutating func append(_ page: DiscoveryListResponse) {
        proposals += page.proposals
        sizes += page.sizes
        calls += page.calls
        conversations += page.conversations
        isMore = page.isMore
    }
}
