import Core
import Wire

/// A proposal with what all of its members come to, as lists and reports show it.
struct RankedProposal: Equatable {
    let proposal: Proposal
    /// Utterances.
    let size: Int
    let calls: Int
    let conversations: Int
    /// Empty: the live pool; nil: not known.
    let pool: String?

    init(_ proposal: Proposal, size: Int, calls: Int, conversations: Int, pool: String? = nil) {
        self.proposal = proposal
        self.size = size
        self.calls = calls
        self.conversations = conversations
        self.pool = pool
    }

    init(_ shown: DiscoveryShowResponse, pool: String? = nil) {
        self.init(
            shown.proposal,
            size: shown.size,
            calls: shown.calls,
            conversations: shown.conversations,
            pool: pool
        )
    }

    /// What is most worth a look comes first: by calls, then conversations; equal ones in the order of their ids.
    static func ranked(_ list: DiscoveryListResponse) -> [RankedProposal] {
        let pools = Dictionary(list.runs.map { ($0.run, $0.pool) }) { first, _ in first }
        let all = list.proposals.indices.map { place in
            RankedProposal(
                list.proposals[place],
                size: list.sizes[place],
                calls: list.calls[place],
                conversations: list.conversations[place],
                pool: pools[list.proposals[place].run]
            )
        }
        return all.sorted { left, right in
            (right.calls, right.conversations, left.proposal.id) < (left.calls, left.conversations, right.proposal.id)
        }
    }
}
