/// What a node answered to one utterance. Encodes to the JSON that `switchboard classify --json` prints.
public struct Classification: Sendable, Codable, Equatable {
    /// What a router does with the caller.
    public enum Outcome: String, Sendable, Codable {
        /// Send the caller to `intent`.
        case route = "ROUTE"
        /// The best two are too close: ask which one is meant.
        case clarify = "CLARIFY"
        /// No intent fits; `intent` is nil.
        case unknown = "UNKNOWN"
    }

    /// Which evidence settled the answer.
    public enum DecidedBy: String, Sendable, Codable {
        /// An exemplar with the same text.
        case exact = "EXACT"
        /// The vote of the nearest exemplars and the evidence of whole intents.
        case retrieval = "RETRIEVAL"
        /// These and the language model together.
        case llm = "LLM"
        /// As `retrieval`, though the language model was wanted.
        case degraded = "DEGRADED"
    }

    /// A node on the way to the leading intent.
    public struct Level: Sendable, Codable, Equatable {
        /// Levels joined by `/`.
        public var path: String
        /// Share of the candidates at or below this node, 0...1.
        public var probability: Double
    }

    /// An intent that was considered.
    public struct Candidate: Sendable, Codable, Equatable {
        /// Whose intent it is.
        public var vertical: String
        /// Levels joined by `/`.
        public var intent: String
        /// Never changes, also where the path does.
        public var intentID: UInt64
        /// Calibrated; nil until a policy was fitted.
        public var probability: Double?
        /// Share among the retrieved exemplars, 0...1.
        public var vote: Double
        /// What all exemplars of the intent together add to the natural logarithm of the vote: 0 for the best intent,
        /// less for others. Nil where an equal exemplar decided, or there is no class evidence.
        public var classScore: Double?
        /// Mean natural logarithm of the probabilities that the language model gives the path's tokens, at most 0; nil
        /// where it was not asked.
        public var llmLogprob: Double?

        enum CodingKeys: String, CodingKey {
            case vertical
            case intent
            case intentID = "intent_id"
            case probability
            case vote
            case classScore = "class_score"
            case llmLogprob = "llm_logprob"
        }
    }

    /// A retrieved exemplar.
    public struct Evidence: Sendable, Codable, Equatable {
        /// Whose exemplar it is.
        public var vertical: String
        /// Its text.
        public var query: String
        /// Its intent's path.
        public var intent: String
        /// Cosine, -1...1.
        public var similarity: Double
    }

    /// Where the time went, in milliseconds.
    public struct Timings: Sendable, Codable, Equatable {
        /// Waiting for a thread.
        public var queue: Double
        /// Making the vector.
        public var encode: Double
        /// Finding the nearest exemplars.
        public var search: Double
        /// The language model.
        public var score: Double
        /// From the arrival at the gateway to its reply.
        public var total: Double
    }

    /// Names this answer in feedback; 32 hexadecimal digits.
    public var replyID: String
    /// As normalised.
    public var text: String
    /// What a router does.
    public var outcome: Outcome
    /// Of the answer.
    public var vertical: String?
    /// Nil with `.unknown`.
    public var intent: String?
    /// Of `intent`.
    public var intentID: UInt64?
    /// Calibrated; nil until a policy was fitted.
    public var probability: Double?
    /// Share of the evidence, 0...1; not a probability.
    public var score: Double
    /// How much the text is like anything that was searched: `unknown` is what lies below the policy's least. Nil where
    /// nothing was retrieved.
    public var familiarity: Double?
    /// The way to the leading intent.
    public var levels: [Level]
    /// Best first.
    public var candidates: [Candidate]
    /// Nearest first.
    public var evidence: [Evidence]
    /// Which evidence settled it.
    public var decidedBy: DecidedBy
    /// As given in the request.
    public var requestID: String?
    /// Of the intent, with what it inherits.
    public var attributes: [String: String]
    /// What may be said to the caller.
    public var phrase: String?
    /// Which log the answer comes from.
    public var logID: String
    /// How far the replica that answered had applied it.
    public var seq: UInt64
    /// Of the record that set the policy; nil: the built-in one.
    public var policySeq: UInt64?
    /// The encoder or the prompt could not hold all of it.
    public var truncated: Bool
    /// Where the time went.
    public var timingsMs: Timings

    enum CodingKeys: String, CodingKey {
        case replyID = "reply_id"
        case text
        case outcome
        case vertical
        case intent
        case intentID = "intent_id"
        case probability
        case score
        case familiarity
        case levels
        case candidates
        case evidence
        case decidedBy = "decided_by"
        case requestID = "request_id"
        case attributes
        case phrase
        case logID = "log_id"
        case seq
        case policySeq = "policy_seq"
        case truncated
        case timingsMs = "timings_ms"
    }
}
