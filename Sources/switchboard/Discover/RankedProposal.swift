import Core
import Wire

/// A proposal with what all of its members come to, as lists and reports show it.
struct RankedProposal: Equatable {
    let proposal: Proposal
    /// Utterances.
    let size: Int
    let calls: Int
    let conversations: Int

    init(_ proposal: Proposal, size: Int, calls: Int, conversations: Int) {
        self.proposal = proposal
        self.size = size
        self.calls = calls
        self.conversations = conversations
    }

    init(_ shown: DiscoveryShowResponse) {
        self.init(shown.proposal, size: shown.size, calls: shown.calls, conversations: shown.conversations)
    }

    /// What is most worth a look comes first: by calls, then conversations; equal ones in the order of their ids.
    static func ranked(_ list: DiscoveryListResponse) -> [RankedProposal] {
        let all = list.proposals.indices.map { place in
            RankedProposal(
                list.proposals[place],
                size: list.sizes[place],
                calls: list.calls[place],
                conversations: list.conversations[place]
            )
        }
        return all.sorted { left, right in
            (right.calls, right.conversations, left.proposal.id) < (left.calls, left.conversations, right.proposal.id)
        }
    }
}
