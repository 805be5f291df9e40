package import Core

/// What a person decided about a proposal, as the book keeps it: without anything that a caller said.
package struct ReviewDecision: Sendable, Equatable {
    package enum Act: Sendable, Equatable {
        /// - Parameter exemplars: which of its members; nil: all.
        case accept(path: IntentPath, vertical: Vertical, exemplars: [ExemplarID]?, attributes: [String: String])
        case reject
        case rename(String)
        case merge(into: Bits128)
        case split
        /// - Parameter operation: of the decision that is taken back.
        case undo(operation: Bits128?)
    }

    /// Chosen by who decides; the same again has no second effect.
    package var operation: Bits128
    package var proposal: Bits128
    package var act: Act
    /// The name of the reviewer's key; empty where the node takes no keys.
    package var reviewer: String
    /// Microseconds since 1970.
    package var timeMicroseconds: Int64
    /// False: the index is being changed, and the book follows once it was.
    package var isDone: Bool
    package var isUndone = false
    /// What became of the book.
    package var change = BookChange()
    /// In the log, where the index was changed.
    package var position: LogPosition?

    package init(
        operation: Bits128,
        proposal: Bits128,
        act: Act,
        reviewer: String,
        timeMicroseconds: Int64,
        isDone: Bool = true,
        change: BookChange = BookChange(),
        position: LogPosition? = nil,
    ) {
        self.operation = operation
        self.proposal = proposal
        self.act = act
        self.reviewer = reviewer
        self.timeMicroseconds = timeMicroseconds
        self.isDone = isDone
        self.change = change
        self.position = position
    }

    /// Whether it is what was begun before, of which an erasure may have taken exemplars since.
    package func continues(_ begun: ReviewDecision) -> Bool {
        guard proposal == begun.proposal else { return false }
        guard case .accept(let path, let vertical, let all, let attributes) = act,
            case .accept(let begunPath, let begunVertical, let left, let begunAttributes) = begun.act
        else { return act == begun.act }
        guard path == begunPath, vertical == begunVertical, attributes == begunAttributes else { return false }
        guard let all, let left else { return all == nil && left == nil }
        return Set(left).isSubset(of: all)
    }

    /// All that it touched.
    package var touched: [Bits128] {
        var ids = [proposal]
        let others =
            change.edits.map(\.id) + change.addedIDs + change.moves.flatMap { [$0.from, $0.to] } + change.removed
        for id in others where !ids.contains(id) { ids.append(id) }
        return ids
    }
}

/// How a decision changes the book, in a form that can be taken back.
package struct BookChange: Sendable, Equatable {
    /// Another state, name, judgement or other keywords of a proposal.
    package struct Edit: Sendable, Equatable {
        package var id: Bits128
        package var state: (before: ReviewState, after: ReviewState)
        package var name: (before: ProposalName, after: ProposalName)
        /// Nil: it stays.
        package var judgement: (before: ClusterJudgement, after: ClusterJudgement)?
        /// That it has from now on; nil: they stay. Words of callers, so that they are not kept with the decision.
        package var keywords: [String]?

        package init(
            _ head: Proposal,
            state: ReviewState? = nil,
            name: ProposalName? = nil,
            judgement: ClusterJudgement? = nil,
        ) {
            id = head.id
            self.state = (head.state, state ?? head.state)
            self.name = (head.name, name ?? head.name)
            self.judgement = judgement.map { (before: head.judgement, after: $0) }
        }

        init(
            id: Bits128,
            state: (before: ReviewState, after: ReviewState),
            name: (before: ProposalName, after: ProposalName),
            judgement: (before: ClusterJudgement, after: ClusterJudgement)?,
        ) {
            self.id = id
            self.state = state
            self.name = name
            self.judgement = judgement
        }

        /// Another name and nothing else.
        var isOfName: Bool { state.before == state.after && name.before != name.after }

        package static func == (left: Edit, right: Edit) -> Bool {
            left.id == right.id && left.state == right.state && left.name == right.name
                && left.judgement?.before == right.judgement?.before
                && left.judgement?.after == right.judgement?.after && left.keywords == right.keywords
        }
    }

    /// Members that belong to another proposal from now on.
    package struct Move: Sendable, Equatable {
        package var members: [Int64]
        package var from: Bits128
        package var to: Bits128

        package init(members: [Int64], from: Bits128, to: Bits128) {
            self.members = members
            self.from = from
            self.to = to
        }
    }

    package var edits: [Edit]
    /// Without members; these come by moves. Of a decision that was read from the book there are ids alone.
    package var added: [Proposal]
    package internal(set) var addedIDs: [Bits128]
    package var moves: [Move]
    package var removed: [Bits128]

    package init(edits: [Edit] = [], added: [Proposal] = [], moves: [Move] = [], removed: [Bits128] = []) {
        self.edits = edits
        self.added = added
        addedIDs = added.map(\.id)
        self.moves = moves
        self.removed = removed
    }

    /// - Parameter id: of a proposal that it edits.
    package mutating func setKeywords(_ keywords: [String], of id: Bits128) {
        for place in edits.indices where edits[place].id == id { edits[place].keywords = keywords }
    }

    /// What takes it back, but for keywords, which are to be made of the members again. What was removed is not put back:
    /// only an undo removes, and that is not undone.
    package var inverse: BookChange {
        BookChange(
            edits: edits.map { edit in
                Edit(
                    id: edit.id,
                    state: (edit.state.after, edit.state.before),
                    name: (edit.name.after, edit.name.before),
                    judgement: edit.judgement.map { (before: $0.after, after: $0.before) }
                )
            },
            moves: moves.reversed().map { Move(members: $0.members, from: $0.to, to: $0.from) },
            removed: addedIDs,
        )
    }
}
