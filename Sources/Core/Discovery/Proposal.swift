/// An intent that a run proposes, and what a person decided about it.
package struct Proposal: Sendable, Hashable {
    /// Kept by later runs as long as the cluster persists.
    package var id: Bits128
    package var run: Bits128
    package var vertical: Vertical
    /// Whose turns it is made of; where roles were not told, whose its name's verb says; nil: neither tells.
    package var role: Role?
    /// Nobody told whose turns it is made of: `role` is what its name's verb says.
    package var isRoleOfName = false
    package var name: ProposalName
    /// Words that set it apart, best first (class-based TF-IDF).
    package var keywords: [String]
    /// The members, the nearest to the middle first: the first is the medoid. All of them, masked.
    package var members: [ProposalMember]
    package var judgement: ClusterJudgement
    package var relation: TaxonomyRelation
    package var continuity: ProposalContinuity
    package var state: ReviewState

    package init(
        id: Bits128,
        run: Bits128,
        vertical: Vertical,
        role: Role?,
        name: ProposalName,
        keywords: [String],
        members: [ProposalMember],
        judgement: ClusterJudgement,
        relation: TaxonomyRelation,
        continuity: ProposalContinuity = .new,
        state: ReviewState = .open,
    ) {
        self.id = id
        self.run = run
        self.vertical = vertical
        self.role = role
        self.name = name
        self.keywords = keywords
        self.members = members
        self.judgement = judgement
        self.relation = relation
        self.continuity = continuity
        self.state = state
    }

    /// Whose turns it is made of; nil: that was not told.
    package var toldRole: Role? { isRoleOfName ? nil : role }

    /// How often its utterances were said.
    package var calls: Int { members.reduce(0) { $0 + $1.calls } }

    /// In how many different conversations they were said.
    package var conversations: Int { members.differentConversations }
}

/// One utterance of a proposal.
package struct ProposalMember: Sendable, Hashable {
    package var text: UtteranceText
    /// How often it was said.
    package var calls: Int
    /// In how many conversations.
    package var conversations: Int
    /// What these conversations are called within the run that found it, each once: by these those of several members are
    /// told apart. They stay on this node, and are empty of members that were kept before there were any.
    package var conversationMarks: [UInt64]
    /// Cosine to the mean of the cluster.
    package var centrality: Double
    package var origin: [UInt8]

    package init(
        text: UtteranceText,
        calls: Int,
        conversations: Int,
        conversationMarks: [UInt64] = [],
        centrality: Double,
        origin: [UInt8] = [],
    ) {
        self.text = text
        self.calls = calls
        self.conversations = conversations
        self.conversationMarks = conversationMarks
        self.centrality = centrality
        self.origin = origin
    }
}

extension [ProposalMember] {
    /// In how many different conversations they were said. What has no mark counts as a conversation of its own, so that
    /// this is never too few, and at most those of the members added up.
    package var differentConversations: Int {
        var marks: Set<UInt64> = []
        var unmarked = 0
        for member in self {
            marks.formUnion(member.conversationMarks)
            unmarked += Swift.max(0, member.conversations - member.conversationMarks.count)
        }
        return marks.count + unmarked
    }
}

/// A name and where it comes from.
package struct ProposalName: Sendable, Hashable {
    package enum Source: String, Sendable, Hashable, CaseIterable {
        case model
        /// The model's label failed the check, or there was no model: words of the cluster's own.
        case keywords
        case reviewer
    }

    /// An action and an objective, such as `cancel-order`.
    package var label: String
    package var source: Source

    package init(label: String, source: Source) {
        self.label = label
        self.source = source
    }
}

/// Whether a cluster is one intent.
package struct ClusterJudgement: Sendable, Hashable {
    /// Calibrated P(good): that at least 80 % of it have one intent.
    package var probability: Double
    /// Interval of 90 % over the samples that were judged.
    package var low: Double
    package var high: Double
    /// Held against `DiscoverySettings.goodProbability`. What is not good is shown as unclear, never as an intent.
    package var isGood: Bool
    /// A language model was to judge and did not answer, so that the vectors did. Counted by the run; not kept with proposals.
    package var isStandIn = false

    package init(probability: Double, low: Double, high: Double, isGood: Bool) {
        self.probability = probability
        self.low = low
        self.high = high
        self.isGood = isGood
    }
}

/// What a cluster is to the intents that there are.
package enum TaxonomyRelation: Sendable, Hashable {
    case new
    /// Callers say an intent that there is in another way.
    case variant(of: IntentPath, share: Double)
    /// A part of an intent that there is, apart from the rest of it.
    case split(of: IntentPath, share: Double)
}

/// What a proposal is to those of the run before.
package enum ProposalContinuity: Sendable, Hashable {
    case new
    case kept
    case split(from: Bits128)
    case merged(from: [Bits128])
    /// Was there in an earlier run and is not found any more.
    case gone
}

/// What a person decided.
package enum ReviewState: Sendable, Hashable {
    case open
    case accepted(path: IntentPath, change: Bits128, at: LogPosition)
    /// Hidden until it has grown by half.
    case rejected(size: Int)
    /// Its members are in another one now.
    case merged(into: Bits128)
    /// Its members are in several others now.
    case split(into: [Bits128])
}

/// What a person does about a proposal.
package enum ReviewAction: Sendable, Hashable {
    /// Its members become exemplars of the path, as one operation.
    ///
    /// - Parameters:
    ///   - texts: which of them; nil: all.
    ///   - attributes: of the intent, such as `queue`.
    case accept(path: IntentPath, vertical: Vertical, texts: [UtteranceText]?, attributes: [String: String])
    case reject
    case rename(String)
    case merge(into: Bits128)
    case split
    /// Takes the last decision about it back; of an accepted one the exemplars are taken out of the index.
    case undo
}
