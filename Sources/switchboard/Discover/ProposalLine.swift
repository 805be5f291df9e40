import Core
import Wire

/// A proposal in JSON.
struct ProposalLine: Encodable, Equatable {
    struct Relation: Encodable, Equatable {
        let kind: String
        var intent: String?
        var share: Double?
    }

    struct Continuity: Encodable, Equatable {
        let kind: String
        var from: [String]?
    }

    struct State: Encodable, Equatable {
        let kind: String
        var path: String?
        /// As `index undo` takes it.
        var changeID: String?
        var logID: String?
        var seq: UInt64?
        var size: Int?
        var into: [String]?

        enum CodingKeys: String, CodingKey {
            case kind, path
            case changeID = "change_id"
            case logID = "log_id"
            case seq, size, into
        }
    }

    struct Member: Encodable, Equatable {
        let text: String
        let calls: Int
        let conversations: Int
        let centrality: Double
    }

    let proposal: String
    let run: String
    /// Empty: the live pool; absent: not known.
    let pool: String?
    let vertical: String
    let role: String?
    /// `told`, or `name` where only the name's verb says it.
    let roleSource: String?
    let name: String
    let nameSource: String
    let good: Bool
    let probability: Double
    let low: Double
    let high: Double
    let size: Int
    let calls: Int
    let conversations: Int
    let keywords: [String]
    let medoid: String?
    let relation: Relation
    let continuity: Continuity
    let state: State
    /// Only of a proposal that is shown by itself, as the next three.
    var members: [Member]?
    var history: [ReviewLine]?
    /// What was begun and has not ended.
    var begun: ReviewLine?
    var trajectories: [TrajectoryLine]?

    enum CodingKeys: String, CodingKey {
        case proposal, run, pool, vertical, role
        case roleSource = "role_source"
        case name
        case nameSource = "name_source"
        case good, probability, low, high, size, calls, conversations, keywords, medoid, relation, continuity, state
        case members, history, begun, trajectories
    }

    init(_ entry: RankedProposal) {
        let proposal = entry.proposal
        self.proposal = proposal.id.description
        run = proposal.run.description
        pool = entry.pool
        vertical = proposal.vertical.name
        role = proposal.role?.rawValue
        roleSource = proposal.role.map { _ in proposal.isRoleOfName ? "name" : "told" }
        name = proposal.name.label
        nameSource = proposal.name.source.rawValue
        good = proposal.judgement.isGood
        probability = proposal.judgement.probability
        low = proposal.judgement.low
        high = proposal.judgement.high
        size = entry.size
        calls = entry.calls
        conversations = entry.conversations
        keywords = proposal.keywords
        medoid = proposal.members.first?.text.value
        relation = Relation(proposal.relation)
        continuity = Continuity(proposal.continuity)
        state = State(proposal.state)
    }

    init(_ shown: DiscoveryShowResponse, withTrajectories: Bool, pool: String? = nil) {
        self.init(RankedProposal(shown, pool: pool))
        members = shown.proposal.members.map { member in
            Member(
                text: member.text.value,
                calls: member.calls,
                conversations: member.conversations,
                centrality: member.centrality
            )
        }
        history = shown.history.map { ReviewLine($0) }
        begun = shown.begun.map { ReviewLine($0) }
        if withTrajectories { trajectories = shown.trajectories.map { TrajectoryLine($0) } }
    }
}

extension ProposalLine.Relation {
    init(_ relation: TaxonomyRelation) {
        switch relation {
        case .new: self.init(kind: "new")
        case .variant(let path, let share): self.init(kind: "variant", intent: path.description, share: share)
        case .split(let path, let share): self.init(kind: "split", intent: path.description, share: share)
        }
    }
}

extension ProposalLine.Continuity {
    init(_ continuity: ProposalContinuity) {
        switch continuity {
        case .new: self.init(kind: "new")
        case .kept: self.init(kind: "kept")
        case .split(let from): self.init(kind: "split", from: [from.description])
        case .merged(let from): self.init(kind: "merged", from: from.map(\.description))
        case .gone: self.init(kind: "gone")
        }
    }
}

extension ProposalLine.State {
    init(_ state: ReviewState) {
        switch state {
        case .open: self.init(kind: "open")
        case .accepted(let path, let change, let position):
            self.init(
                kind: "accepted",
                path: path.description,
                changeID: String(decoding: OwnChange.accept.change(change.description), as: UTF8.self),
                logID: position.log.description,
                seq: position.sequence.number
            )
        case .rejected(let size): self.init(kind: "rejected", size: size)
        case .merged(let into): self.init(kind: "merged", into: [into.description])
        case .split(let into): self.init(kind: "split", into: into.map(\.description))
        }
    }
}

/// A decision about a proposal in JSON.
struct ReviewLine: Encodable, Equatable {
    let time: String
    let action: String
    let reviewer: String
    let operation: String
    /// Of an accept, as the next.
    private(set) var path: String?
    /// How many of its utterances; absent: all.
    private(set) var utterances: Int?
    /// Of a rename: the new one.
    private(set) var name: String?
    /// Of a merge: the other proposal.
    private(set) var into: String?
    let seq: UInt64?

    init(_ entry: ReviewEntry) {
        time = ProposalText.time(entry.timeMicroseconds)
        reviewer = entry.reviewer
        operation = entry.operation.description
        seq = entry.position?.sequence.number
        action = Self.name(of: entry.action)
        switch entry.action {
        case .accept(let path, _, let texts, _):
            self.path = path.description
            utterances = texts?.count
        case .rename(let name): self.name = name
        case .merge(let other): into = other.description
        case .reject, .split, .undo: break
        }
    }

    static func name(of action: ReviewAction) -> String {
        switch action {
        case .accept: "accept"
        case .reject: "reject"
        case .rename: "rename"
        case .merge: "merge"
        case .split: "split"
        case .undo: "undo"
        }
    }
}

/// A way that conversations went in JSON.
struct TrajectoryLine: Encodable, Equatable {
    struct Step: Encodable, Equatable {
        let proposal: String
        let role: String?
        let name: String
    }

    let vertical: String
    let conversations: Int
    let steps: [Step]

    init(_ trajectory: TrajectoryCount) {
        vertical = trajectory.vertical.name
        conversations = trajectory.conversations
        steps = trajectory.steps.map { step in
            Step(proposal: step.proposal.description, role: step.role?.rawValue, name: step.name)
        }
    }
}
