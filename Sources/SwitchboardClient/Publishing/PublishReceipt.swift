package import Core
internal import Wire

/// What one batch did. It is on the node's disk.
public struct PublishReceipt: Sendable, Equatable {
    /// A pair that had no effect, and why.
    public struct Refusal: Sendable, Equatable {
        /// The number that the pair was sent with.
        public var number: Int
        /// Why.
        public var reason: String
    }

    /// An intent that the batch named first.
    public struct CreatedIntent: Sendable, Equatable, Codable {
        /// Whose intent it is.
        public var vertical: String
        /// Levels joined by `/`.
        public var intent: String
        /// Never changes, also where the path does.
        public var intentID: UInt64

        enum CodingKeys: String, CodingKey {
            case vertical
            case intent
            case intentID = "intent_id"
        }

        package init(_ intent: Intent) {
            vertical = intent.vertical.name
            self.intent = intent.path.description
            intentID = intent.id.number
        }
    }

    /// Pairs in the batch.
    public var pairs = 0
    /// Exemplars that are new.
    public var added = 0
    /// Exemplars that were there with this intent, or kept another by the conflict rule.
    public var unchanged = 0
    /// Exemplars that took another intent.
    public var relabelled = 0
    /// Exemplars that are gone.
    public var removed = 0
    /// What had no effect.
    public var refusals: [Refusal] = []
    /// Intents that are new, ancestors included.
    public var created: [CreatedIntent] = []
    /// Which log it went into.
    public var logID = ""
    /// The last record that it made; the log's last where it made none.
    public var seq: UInt64 = 0
    /// With waiting for replicas: those that did not have it within the limit.
    public var behind: [String] = []
    /// Which change it belongs to, as history and undo name it.
    public var changeID = ""
    /// Intents that have another path, those below a renamed one included.
    public var renamed = 0
    /// Intents that became aliases.
    public var merged = 0
    /// By an undo or a rollback: intents of which something else is known.
    public var described = 0
    /// By an undo or a rollback: scopes with another policy.
    public var policies = 0
    /// By an undo or a rollback: what was not put back; at most 1,000 of `leftCount`.
    public var left: [LeftAlone] = []
    /// All of them.
    public var leftCount = 0

    /// - Parameter numbers: of the batch's commands, in order.
    init(_ reply: AppendReply, numbers: [Int]) {
        let receipt = reply.receipt
        pairs = numbers.count
        added = receipt.added
        unchanged = receipt.unchanged
        relabelled = receipt.relabelled
        removed = receipt.removed
        refusals = receipt.refusals.map { refusal in
            Refusal(
                number: numbers.indices.contains(refusal.command) ? numbers[refusal.command] : refusal.command,
                reason: refusal.reason
            )
        }
        created = receipt.created.map(CreatedIntent.init)
        logID = receipt.position.log.description
        seq = receipt.position.sequence.number
        behind = reply.behind
        changeID = ChangeName.text(receipt.change)
        renamed = receipt.renamed
        merged = receipt.merged
        described = receipt.described
        policies = receipt.policies
        left = receipt.left.map(LeftAlone.init)
        leftCount = receipt.leftCount
    }
}

/// Something that an undo or a rollback did not put back.
public struct LeftAlone: Sendable, Codable, Equatable {
    /// `exemplar`, `intent` or `policy`.
    public var kind: String
    /// The exemplar's id, the intent's id, or the policy's scope.
    public var id: String
    /// Why.
    public var reason: String

    package init(_ thing: LeftThing) {
        switch thing.subject {
        case .exemplar(let exemplar): (kind, id) = ("exemplar", exemplar.description)
        case .intent(let intent): (kind, id) = ("intent", intent.description)
        case .policy(let scope): (kind, id) = ("policy", scope.description)
        }
        reason = thing.reason
    }
}

/// What all batches that were acknowledged did together.
public struct PublishTotals: Sendable, Equatable {
    /// Batches that were acknowledged.
    public var batches = 0
    /// Pairs in them.
    public var pairs = 0
    /// Exemplars that are new.
    public var added = 0
    /// Exemplars that stayed as they were.
    public var unchanged = 0
    /// Exemplars that took another intent.
    public var relabelled = 0
    /// Pairs that had no effect.
    public var refused = 0
    /// Intents that are new.
    public var created = 0
    /// Which log they went into; nil: nothing was acknowledged yet.
    public var logID: String?
    /// The last record.
    public var seq: UInt64 = 0
    /// Replicas that did not have the last batch within the limit.
    public var behind: [String] = []

    /// Nothing yet.
    public init() {}

    mutating func add(_ receipt: PublishReceipt) {
        batches += 1
        pairs += receipt.pairs
        added += receipt.added
        unchanged += receipt.unchanged
        relabelled += receipt.relabelled
        refused += receipt.refusals.count
        created += receipt.created.count
        logID = receipt.logID
        seq = max(seq, receipt.seq)
        behind = receipt.behind
    }
}
