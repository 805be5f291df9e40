internal import CProtobufC
internal import Core
internal import SwitchboardProtos

extension Proposal: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__Proposal>) {
        switchboard__v1__proposal__init(message)
    }

    init(_ message: Switchboard__V1__Proposal) throws(FieldError) {
        self.init(
            id: try message.proposal_id.bits("proposal_id"),
            run: try message.run_id.bits("run_id"),
            vertical: try message.vertical.vertical("vertical"),
            role: try Role.optional(message.role, "role"),
            name: ProposalName(
                label: try message.name.prose("name", atMost: Limits.maximumReferenceBytes),
                source: try ProposalName.Source(message.name_source, "name_source")
            ),
            keywords: try Read.list(message.keywords, message.n_keywords, "keywords", atMost: Self.maximumKeywords) {
                word throws(FieldError) in try word.prose("")
            },
            members: try Read.messages(message.members, message.n_members, "members", atMost: Self.maximumMembers),
            judgement: try Read.needed(message.judgement, "judgement"),
            relation: try Read.needed(message.relation, "relation"),
            continuity: try Read.needed(message.continuity, "continuity"),
            state: try Read.needed(message.state, "state")
        )
        isRoleOfName = message.role_of_name != 0
    }

    func fill(_ message: inout Switchboard__V1__Proposal, _ arena: inout Arena) {
        message.proposal_id = arena.data(id)
        message.run_id = arena.data(run)
        message.vertical = arena.characters(vertical.name)
        message.role = Role.number(of: role)
        message.name = arena.data(name.label)
        message.name_source = name.source.number
        message.n_keywords = keywords.count
        message.keywords = arena.datas(keywords)
        message.n_members = members.count
        message.members = arena.messages(of: members)
        message.judgement = arena.message(of: judgement)
        message.relation = arena.message(of: relation)
        message.continuity = arena.message(of: continuity)
        message.state = arena.message(of: state)
        message.role_of_name = boolean(isRoleOfName)
    }
}

extension ProposalMember: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__ProposalMember>) {
        switchboard__v1__proposal_member__init(message)
    }

    init(_ message: Switchboard__V1__ProposalMember) throws(FieldError) {
        self.init(
            text: try message.text.utterance("text"),
            calls: try Read.count(message.calls, "calls"),
            conversations: try Read.count(message.conversations, "conversations"),
            centrality: try Read.finite(message.centrality, "centrality"),
            origin: try message.origin.opaque("origin")
        )
    }

    func fill(_ message: inout Switchboard__V1__ProposalMember, _ arena: inout Arena) {
        message.text = arena.data(text.value)
        message.calls = UInt64(clamping: calls)
        message.conversations = UInt64(clamping: conversations)
        message.centrality = centrality
        message.origin = arena.data(origin)
    }
}

extension ClusterJudgement: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__ClusterJudgement>) {
        switchboard__v1__cluster_judgement__init(message)
    }

    init(_ message: Switchboard__V1__ClusterJudgement) throws(FieldError) {
        self.init(
            probability: try Read.share(message.probability, "probability"),
            low: try Read.share(message.low, "low"),
            high: try Read.share(message.high, "high"),
            isGood: message.good != 0
        )
    }

    func fill(_ message: inout Switchboard__V1__ClusterJudgement, _ arena: inout Arena) {
        message.probability = probability
        message.low = low
        message.high = high
        message.good = boolean(isGood)
    }
}

extension TaxonomyRelation: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__TaxonomyRelation>) {
        switchboard__v1__taxonomy_relation__init(message)
    }

    init(_ message: Switchboard__V1__TaxonomyRelation) throws(FieldError) {
        switch message.kind {
        case SWITCHBOARD__V1__RELATION_KIND__RELATION_KIND_NEW: self = .new
        case SWITCHBOARD__V1__RELATION_KIND__RELATION_KIND_VARIANT:
            self = .variant(of: try message.intent.path("intent"), share: try Read.share(message.share, "share"))
        case SWITCHBOARD__V1__RELATION_KIND__RELATION_KIND_SPLIT:
            self = .split(of: try message.intent.path("intent"), share: try Read.share(message.share, "share"))
        default: throw FieldError("kind", "\(message.kind.rawValue) is not accepted; 1, 2, 3 are")
        }
    }

    func fill(_ message: inout Switchboard__V1__TaxonomyRelation, _ arena: inout Arena) {
        switch self {
        case .new: message.kind = SWITCHBOARD__V1__RELATION_KIND__RELATION_KIND_NEW
        case .variant(let path, let share):
            message.kind = SWITCHBOARD__V1__RELATION_KIND__RELATION_KIND_VARIANT
            message.intent = arena.data(path.description)
            message.share = share
        case .split(let path, let share):
            message.kind = SWITCHBOARD__V1__RELATION_KIND__RELATION_KIND_SPLIT
            message.intent = arena.data(path.description)
            message.share = share
        }
    }
}

extension ProposalContinuity: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__ProposalContinuity>) {
        switchboard__v1__proposal_continuity__init(message)
    }

    init(_ message: Switchboard__V1__ProposalContinuity) throws(FieldError) {
        let from = try Read.bits(message.from, message.n_from, "from")
        switch message.kind {
        case SWITCHBOARD__V1__CONTINUITY_KIND__CONTINUITY_KIND_NEW: self = .new
        case SWITCHBOARD__V1__CONTINUITY_KIND__CONTINUITY_KIND_KEPT: self = .kept
        case SWITCHBOARD__V1__CONTINUITY_KIND__CONTINUITY_KIND_SPLIT: self = .split(from: try from.single("from"))
        case SWITCHBOARD__V1__CONTINUITY_KIND__CONTINUITY_KIND_MERGED: self = .merged(from: from)
        case SWITCHBOARD__V1__CONTINUITY_KIND__CONTINUITY_KIND_GONE: self = .gone
        default: throw FieldError("kind", "\(message.kind.rawValue) is not accepted; 1, 2, 3, 4, 5 are")
        }
    }

    func fill(_ message: inout Switchboard__V1__ProposalContinuity, _ arena: inout Arena) {
        switch self {
        case .new: message.kind = SWITCHBOARD__V1__CONTINUITY_KIND__CONTINUITY_KIND_NEW
        case .kept: message.kind = SWITCHBOARD__V1__CONTINUITY_KIND__CONTINUITY_KIND_KEPT
        case .split(let from):
            message.kind = SWITCHBOARD__V1__CONTINUITY_KIND__CONTINUITY_KIND_SPLIT
            message.n_from = 1
            message.from = arena.datas([from])
        case .merged(let from):
            message.kind = SWITCHBOARD__V1__CONTINUITY_KIND__CONTINUITY_KIND_MERGED
            message.n_from = from.count
            message.from = arena.datas(from)
        case .gone: message.kind = SWITCHBOARD__V1__CONTINUITY_KIND__CONTINUITY_KIND_GONE
        }
    }
}
