internal import Core
internal import Foundation

/// A decision as the column `body` holds it; what its row has in columns of its own is not in it.
struct StoredDecision: Codable {
    var reviewer: String
    var act: StoredAct
    var edits: [StoredEdit]
    var added: [String]
    var moves: [StoredMove]
    var position: StoredPosition?

    init(_ decision: ReviewDecision) {
        reviewer = decision.reviewer
        act = StoredAct(decision.act)
        edits = decision.change.edits.map(StoredEdit.init)
        added = decision.change.added.map(\.id.description)
        moves = decision.change.moves.map(StoredMove.init)
        position = decision.position.map(StoredPosition.init)
    }
}

struct StoredAct: Codable {
    var kind: String
    var path: String?
    var vertical: String?
    var exemplars: [String]?
    var attributes: [String: String]?
    var label: String?
    var other: String?

    init(_ act: ReviewDecision.Act) {
        switch act {
        case .accept(let path, let vertical, let exemplars, let attributes):
            kind = "accept"
            self.path = path.description
            self.vertical = vertical.name
            self.exemplars = exemplars?.map(\.description)
            self.attributes = attributes
        case .reject: kind = "reject"
        case .rename(let label): (kind, self.label) = ("rename", label)
        case .merge(let other): (kind, self.other) = ("merge", other.description)
        case .split: kind = "split"
        case .undo(let operation): (kind, other) = ("undo", operation?.description)
        }
    }

    func value() throws(SwitchboardError) -> ReviewDecision.Act {
        switch kind {
        case "accept":
            guard let path, let vertical else { break }
            var ids: [ExemplarID]?
            if let exemplars { ids = try storedList(exemplars).map { ExemplarID($0) } }
            return .accept(
                path: try IntentPath(path),
                vertical: try Vertical(vertical),
                exemplars: ids,
                attributes: attributes ?? [:]
            )
        case "reject": return .reject
        case "rename":
            if let label { return .rename(label) }
        case "merge":
            if let other { return .merge(into: try storedBits(other)) }
        case "split": return .split
        case "undo":
            guard let other else { return .undo(operation: nil) }
            return .undo(operation: try storedBits(other))
        default: break
        }
        throw .unreadable("a decision")
    }
}

struct StoredEdit: Codable {
    var id: String
    var before: StoredState
    var after: StoredState
    var nameBefore: StoredName
    var nameAfter: StoredName
    /// Absent where it stayed, and in books of before it was kept.
    var judgementBefore: StoredJudgement?
    var judgementAfter: StoredJudgement?

    init(_ edit: BookChange.Edit) {
        id = edit.id.description
        before = StoredState(edit.state.before)
        after = StoredState(edit.state.after)
        nameBefore = StoredName(edit.name.before)
        nameAfter = StoredName(edit.name.after)
        judgementBefore = (edit.judgement?.before).map(StoredJudgement.init)
        judgementAfter = (edit.judgement?.after).map(StoredJudgement.init)
    }

    func value() throws(SwitchboardError) -> BookChange.Edit {
        var judgement: (before: ClusterJudgement, after: ClusterJudgement)?
        if let judgementBefore, let judgementAfter {
            judgement = (before: judgementBefore.value, after: judgementAfter.value)
        }
        return BookChange.Edit(
            id: try storedBits(id),
            state: (try before.value(), try after.value()),
            name: (try nameBefore.value(), try nameAfter.value()),
            judgement: judgement
        )
    }
}

struct StoredJudgement: Codable {
    var probability: Double
    var low: Double
    var high: Double
    var isGood: Bool

    init(_ judgement: ClusterJudgement) {
        probability = judgement.probability
        low = judgement.low
        high = judgement.high
        isGood = judgement.isGood
    }

    var value: ClusterJudgement {
        ClusterJudgement(probability: probability, low: low, high: high, isGood: isGood)
    }
}

struct StoredMove: Codable {
    var members: [Int64]
    var from: String
    var to: String

    init(_ move: BookChange.Move) {
        members = move.members
        from = move.from.description
        to = move.to.description
    }

    func value() throws(SwitchboardError) -> BookChange.Move {
        BookChange.Move(members: members, from: try storedBits(from), to: try storedBits(to))
    }
}

extension StoredDecision {
    /// What the decision changed. Of what it added only ids are kept, which is what taking it back needs.
    func change() throws(SwitchboardError) -> BookChange {
        var change = BookChange()
        for edit in edits { change.edits.append(try edit.value()) }
        for move in moves { change.moves.append(try move.value()) }
        change.addedIDs = try storedList(added)
        return change
    }
}
