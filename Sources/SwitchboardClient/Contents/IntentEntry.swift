package import Core

/// An intent as the index knows it. Encodes to the JSON that `switchboard index watch --json` prints.
public struct IntentEntry: Sendable, Codable, Equatable {
    /// Whose intent it is.
    public var vertical: String
    /// Levels joined by `/`.
    public var intent: String
    /// Never changes, also where the path does.
    public var intentID: UInt64
    /// For people and prompts.
    public var description: String?
    /// What may be said to the caller.
    public var phrase: String?
    /// Its own, without what it inherits.
    public var attributes: [String: String]
    /// Whether callers are sent there.
    public var enabled: Bool
    /// After a merge: the intent that this one became.
    public var aliasOf: UInt64?

    enum CodingKeys: String, CodingKey {
        case vertical
        case intent
        case intentID = "intent_id"
        case description
        case phrase
        case attributes
        case enabled
        case aliasOf = "alias_of"
    }

    package init(_ intent: Intent) {
        vertical = intent.vertical.name
        self.intent = intent.path.description
        intentID = intent.id.number
        description = intent.description
        phrase = intent.phrase
        attributes = intent.attributes
        enabled = intent.isEnabled
        aliasOf = intent.aliasOf?.number
    }
}

/// Some intents, and how far the log had been read when they were sent.
public struct IntentListing: Sendable, Equatable {
    /// In the order in which they were first named.
    public var intents: [IntentEntry]
    /// Which log.
    public var logID: String
    /// How far.
    public var seq: UInt64
    /// All that stood at `seq` has been listed; what follows are changes.
    public var isComplete: Bool
}
