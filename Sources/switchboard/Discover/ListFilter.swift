import ArgumentParser
import Core
import Wire

/// Whose sentences proposals are made of.
enum Speakers: String, CaseIterable, ExpressibleByArgument, Sendable {
    /// With those of whom nobody knows: all that an accepted intent is asked for by.
    case callers
    case agents

    func include(_ role: Role?) -> Bool { (role == .agent) == (self == .agents) }
}

/// Which of the proposals and runs of a list are shown.
struct ListFilter: Equatable {
    /// Nil: of all pools; empty: of the live one.
    var pool: String?
    /// Nil: whoever said it.
    var speakers: Speakers?

    var keepsAll: Bool { pool == nil && speakers == nil }

    /// The list with what it keeps, in the same order, at most so many proposals.
    func applied(to list: DiscoveryListResponse, limit: Int?) -> DiscoveryListResponse {
        let runs = list.runs.filter { pool == nil || $0.pool == pool }
        let known = Set(runs.map(\.run))
        let kept = list.proposals.indices.filter { place in
            let proposal = list.proposals[place]
            return (pool == nil || known.contains(proposal.run)) && (speakers?.include(proposal.role) ?? true)
        }
        let places = kept.prefix(limit ?? .max)
        return DiscoveryListResponse(
            proposals: places.map { list.proposals[$0] },
            sizes: places.map { list.sizes[$0] },
            runs: runs,
            calls: places.map { list.calls[$0] },
            conversations: places.map { list.conversations[$0] },
            isMore: list.isMore || places.count < kept.count
        )
    }
}
