internal import Core
internal import GRDB

/// What people decided about a pool's proposals while a run over it was under way: that holds, whatever the run found.
///
/// A value, read in the transaction that takes what the run found.
struct DecidedMeanwhile {
    /// The same words said by somebody else are another one.
    private struct Utterance: Hashable {
        let vertical: Vertical
        let role: Role?
        let text: UtteranceText

        init(_ text: UtteranceText, of proposal: Proposal) {
            vertical = proposal.vertical
            role = proposal.toldRole
            self.text = text
        }
    }

    /// Those with other members than the run knew of, and those that a decision was begun about; without their members.
    private(set) var proposals: [Bits128: Proposal] = [:]
    private var begun: Set<Bits128> = []
    /// Of each of their members.
    private var holders: [Utterance: Bits128] = [:]
    private var accepted: Set<Utterance> = []

    /// - Parameter previous: what the run knew, with all members; nil: nothing was decided since, but for what was begun.
    init(in pool: String, since previous: [Proposal]?, _ db: Database) throws {
        var known: [Bits128: Set<UtteranceText>] = [:]
        var before: Set<Utterance> = []
        for proposal in previous ?? [] {
            known[proposal.id] = Set(proposal.members.map(\.text))
            for member in proposal.members { before.insert(Utterance(member.text, of: proposal)) }
        }
        for head in try ReviewStore.heads(in: pool, db) {
            let isBegun = try ReviewStore.isBeingDecided(head.id, db)
            let texts = try ReviewStore.members(of: head.id, limit: nil, db).map(\.member.text)
            switch head.state {
            case .merged, .split: break
            case .accepted(_, let operation, _) where !isBegun:
                // What was in no open proposal then was accepted before.
                let chosen = try ReviewStore.accepted(texts, of: head, by: operation, db)
                accepted.formUnion(before.intersection(chosen.map { Utterance($0, of: head) }))
            case .open, .rejected, .accepted:
                guard isBegun || (previous != nil && known[head.id] != Set(texts)) else { continue }
                proposals[head.id] = head
                if isBegun { begun.insert(head.id) }
                guard head.continuity != .gone else { continue }
                for text in texts { holders[Utterance(text, of: head)] = head.id }
            }
        }
    }

    /// Whether the run has no say about a proposal of this id.
    func settles(_ id: Bits128, _ db: Database) throws -> Bool {
        if proposals[id] != nil { return true }
        guard let known = try ReviewStore.head(id, db) else {
            // A part of a split that was taken back. What went with its run has no history.
            return try ReviewStore.isTouched(id, db)
        }
        switch known.state {
        case .open, .rejected: return false
        case .accepted, .merged, .split: return true
        }
    }

    /// Members of what the run found that no decision has put elsewhere.
    func undecided(of found: Proposal) -> [ProposalMember] {
        found.members.filter { member in
            let utterance = Utterance(member.text, of: found)
            return holders[utterance] == nil && !accepted.contains(utterance)
        }
    }

    /// The proposal that gets what is new in a cluster about which the run has no say: the one that has the rest of it. Nil:
    /// there is none, there are several, or it takes none.
    func place(for found: Proposal) -> Bits128? {
        var ids: Set<Bits128> = []
        if proposals[found.id] == nil {
            for member in found.members {
                if let id = holders[Utterance(member.text, of: found)] { ids.insert(id) }
            }
        } else {
            ids.insert(found.id)
        }
        guard ids.count == 1, let id = ids.first, let head = proposals[id] else { return nil }
        let takesMore = head.state == .open && head.continuity != .gone && !begun.contains(id)
        return takesMore ? id : nil
    }
}
