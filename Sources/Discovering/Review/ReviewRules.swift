internal import Core
internal import UpdateStore

/// What a decision does to the book, and which ones there can be: values alone.
enum ReviewRules {
    /// Nobody has accepted, merged or split it. A rejected one may be decided about again.
    ///
    /// - Throws: `.alreadyExists` for one that was accepted; `.failedPrecondition` for one that was merged or split.
    static func requireUndecided(_ proposal: Proposal) throws(SwitchboardError) {
        switch proposal.state {
        case .open, .rejected: return
        case .accepted(let path, let change, _):
            throw SwitchboardError(
                .alreadyExists,
                "the proposal was accepted already, as '\(path)', by operation \(change); to decide otherwise take that back "
                    + "first (discover undo \(proposal.id)), also where 'index undo accept-\(change)' has taken its "
                    + "exemplars out: it counts as accepted until then"
            )
        case .merged(let other):
            throw SwitchboardError(
                .failedPrecondition,
                "the proposal is a part of proposal \(other) now; decide about that one, or undo the merge"
            )
        case .split(let parts):
            throw SwitchboardError(
                .failedPrecondition,
                "the proposal was split into \(parts.count) others; decide about these, or undo the split"
            )
        }
    }

    /// Which members are meant, by their ids.
    ///
    /// - Parameter texts: nil: all.
    /// - Throws: `.invalidArgument` for none, or texts that are not among the members.
    static func chosen(
        _ texts: [UtteranceText]?,
        of proposal: Proposal,
    ) throws(SwitchboardError) -> [ExemplarID]? {
        guard !proposal.members.isEmpty else {
            throw SwitchboardError(.failedPrecondition, "the proposal has no members left; they were erased")
        }
        guard let texts else { return nil }
        guard !texts.isEmpty else { throw .invalid("no member is chosen; name some, or none for all", field: "texts") }
        let members = Set(proposal.members.map(\.text))
        let strangers = texts.count { !members.contains($0) }
        guard strangers == 0 else {
            throw .invalid(
                "\(strangers) of the \(texts.count) texts are no members of the proposal; name them as it shows them",
                field: "texts"
            )
        }
        var seen: Set<UtteranceText> = []
        return texts.filter { seen.insert($0).inserted }.map { ExemplarID(vertical: proposal.vertical, text: $0) }
    }

    static func accept(
        _ proposal: Proposal,
        path: IntentPath,
        by operation: Bits128,
        at position: LogPosition,
    ) -> BookChange {
        BookChange(edits: [.init(proposal, state: .accepted(path: path, change: operation, at: position))])
    }

    /// Hides it until it has grown by half.
    static func reject(_ proposal: Proposal) throws(SwitchboardError) -> BookChange {
        if case .rejected = proposal.state {
            throw SwitchboardError(.alreadyExists, "the proposal was rejected already; undo that to see it again")
        }
        return BookChange(edits: [.init(proposal, state: .rejected(size: proposal.members.count))])
    }

    /// - Parameter others: of its run; itself may be among them.
    /// - Throws: `.invalidArgument` for what can be no level of an intent's path; `.alreadyExists` where another one that is
    ///   open has the name, since both would be accepted as one intent.
    static func rename(
        _ proposal: Proposal,
        to label: String,
        beside others: [Proposal] = [],
    ) throws(SwitchboardError) -> BookChange {
        guard !label.unicodeScalars.contains("/") else {
            throw .invalid(
                "a proposal's name is one level of an intent's path, without '/'; accept it with the whole path",
                field: "rename"
            )
        }
        let level: IntentPath
        do {
            level = try IntentPath(levels: [label])
        } catch {
            throw .invalid("a proposal's name is a level of an intent's path: \(error.message)", field: "rename")
        }
        let name = level.levels[0]
        let namesake = others.first { other in
            other.id != proposal.id && other.vertical == proposal.vertical && !other.isHidden
                && other.name.label == name
        }
        if let namesake {
            throw SwitchboardError(
                .alreadyExists,
                "proposal \(namesake.id) is called '\(name)'; choose another name, or merge them (discover merge)",
                field: "rename"
            )
        }
        return BookChange(edits: [.init(proposal, name: ProposalName(label: name, source: .reviewer))])
    }

    /// - Parameter members: of the proposal, by their numbers in the book.
    /// - Throws: `.invalidArgument` for another vertical or role, or itself; as `requireUndecided` for the other one.
    static func merge(
        _ proposal: Proposal,
        _ members: [Int64],
        into other: Proposal,
    ) throws(SwitchboardError) -> BookChange {
        guard other.id != proposal.id else { throw .invalid("a proposal cannot be merged into itself", field: "merge") }
        guard other.vertical == proposal.vertical else {
            throw .invalid("proposals are merged within a vertical, and these are of two", field: "merge")
        }
        // What a name says of the role is a guess, and keeps nothing apart.
        guard other.toldRole == proposal.toldRole else {
            throw .invalid(
                "proposals are merged within a role; what callers say, what agents say and what nobody knows the role of is not "
                    + "merged",
                field: "merge"
            )
        }
        try requireUndecided(other)
        // Nobody has judged them together, and with an unlikely one the whole is no likelier.
        let judgement = ClusterJudgement(
            probability: min(proposal.judgement.probability, other.judgement.probability),
            low: 0,
            high: 1,
            isGood: proposal.judgement.isGood && other.judgement.isGood
        )
        // It stands in the list, whatever was thought of it before.
        return BookChange(
            edits: [
                .init(proposal, state: .merged(into: other.id)), .init(other, state: .open, judgement: judgement),
            ],
            moves: [.init(members: members, from: proposal.id, to: other.id)]
        )
    }

    /// - Parameters:
    ///   - members: of the proposal, by their numbers in the book.
    ///   - parts: places in `members`, each in one part.
    ///   - names: of each part.
    ///   - keywords: of each part.
    static func split(
        _ proposal: Proposal,
        _ members: [Int64],
        into parts: [[Int]],
        names: [String],
        keywords: [[String]],
        by operation: Bits128,
    ) -> BookChange {
        var change = BookChange()
        var added: [Proposal] = []
        for (number, part) in parts.enumerated() {
            var head = proposal
            head.id = partID(number, of: operation)
            head.members = []
            head.keywords = keywords[number]
            head.name = ProposalName(label: names[number], source: .keywords)
            // Nobody has judged the part.
            head.judgement.low = 0
            head.judgement.high = 1
            head.continuity = .split(from: proposal.id)
            head.state = .open
            added.append(head)
            change.moves.append(.init(members: part.map { members[$0] }, from: proposal.id, to: head.id))
        }
        return BookChange(
            edits: [.init(proposal, state: .split(into: added.map(\.id)))],
            added: added,
            moves: change.moves
        )
    }

    /// The same for the same operation, so that it can be done again.
    private static func partID(_ number: Int, of operation: Bits128) -> Bits128 {
        var hash = Hash256()
        hash.update(operation.bytes)
        hash.update(Array("part \(number)".utf8))
        return hash.first128()
    }

    // MARK: Taking back

    /// The last decision about a proposal that was not taken back.
    ///
    /// - Parameter history: of the proposal.
    /// - Throws: `.failedPrecondition` where there is none.
    static func undone(in history: [ReviewDecision]) throws(SwitchboardError) -> ReviewDecision {
        guard let last = history.last(where: \.isEffective) else {
            throw SwitchboardError(.failedPrecondition, "nothing was decided about the proposal that could be undone")
        }
        return last
    }

    /// Taking it back must not take back what was decided since.
    ///
    /// - Parameter histories: of all that the decision touched.
    /// - Throws: `.failedPrecondition`, naming what has to be undone first.
    static func requireLast(_ decision: ReviewDecision, in histories: [Bits128: [ReviewDecision]])
        throws(SwitchboardError)
    {
        for id in decision.touched {
            guard let last = histories[id]?.last(where: \.isEffective), last.operation != decision.operation else {
                continue
            }
            throw SwitchboardError(
                .failedPrecondition,
                "proposal \(id) was decided about since; undo that first"
            )
        }
    }
}

extension ReviewDecision {
    /// It holds: it was carried out and not taken back.
    var isEffective: Bool {
        if case .undo = act { return false }
        return isDone && !isUndone
    }
}
