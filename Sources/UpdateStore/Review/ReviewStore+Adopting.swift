internal import Core
internal import Foundation
internal import GRDB

/// How what a run found comes beside what people decided.
extension ReviewStore {
    /// - Parameters:
    ///   - previous: as `adopt(_:pool:of:previous:verticals:outcome:)` has it, like all of these.
    /// - Returns: how many utterances are left to the next run.
    static func adopt(
        _ found: [Proposal],
        pool name: String,
        of run: Bits128,
        previous: [Proposal]?,
        verticals: [Vertical],
        _ db: Database,
    ) throws -> Int {
        let meanwhile = try DecidedMeanwhile(in: name, since: previous, db)
        var left = 0
        for proposal in found {
            let isSettled = try meanwhile.settles(proposal.id, db)
            guard proposal.continuity != .gone else {
                if !isSettled { try adopt(proposal, pool: name, db) }
                continue
            }
            var rest = proposal
            rest.members = meanwhile.undecided(of: proposal)
            if !isSettled {
                // All of it is where a decision has put it.
                if rest.members.isEmpty, !proposal.members.isEmpty { rest.continuity = .gone }
                try adopt(rest, pool: name, db)
            } else if let place = meanwhile.place(for: proposal) {
                rest.id = place
                try insertMembers(of: rest, db)
            } else {
                left += rest.members.count
            }
        }
        // The run looked at them too: they stand in its list.
        for proposal in meanwhile.proposals.values {
            let isLookedAt = verticals.isEmpty || verticals.contains(proposal.vertical)
            guard isLookedAt, proposal.continuity != .gone else { continue }
            var head = proposal
            head.run = run
            try put(head, pool: name, db)
            try count(head.id, try members(of: head.id, limit: nil, db).map(\.member).differentConversations, db)
        }
        return left
    }

    /// Texts of a proposal that became exemplars by a decision.
    static func accepted(
        _ texts: [UtteranceText],
        of proposal: Proposal,
        by operation: Bits128,
        _ db: Database,
    ) throws -> [UtteranceText] {
        guard case .accept(_, _, let exemplars?, _) = try decision(of: operation, db)?.act else { return texts }
        let ids = Set(exemplars)
        return texts.filter { ids.contains(ExemplarID(vertical: proposal.vertical, text: $0)) }
    }

    /// Something was decided that touched it.
    static func isTouched(_ id: Bits128, _ db: Database) throws -> Bool {
        try Row.fetchOne(
            db.cachedStatement(sql: "SELECT 1 FROM touched WHERE proposal = ? LIMIT 1"),
            arguments: [id.stored]
        ) != nil
    }

    /// A run has opened it again: that it was rejected holds no more, and what was decided before can be taken back.
    static func voidReject(of id: Bits128, _ db: Database) throws {
        let rejects = try history(of: id, db).filter { $0.act == .reject && $0.isDone && !$0.isUndone }
        guard let reject = rejects.last else { return }
        try db.execute(
            sql: "UPDATE decision SET is_undone = 1 WHERE operation = ?",
            arguments: [reject.operation.stored]
        )
    }
}
