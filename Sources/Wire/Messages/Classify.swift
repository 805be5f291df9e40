package import Core

/// An utterance whose intent is asked for.
package struct ClassifyRequest: Sendable, Equatable {
    package static let maximumRequestIDBytes = 64
    package static let maximumEvidence = 1_000

    package var text: UtteranceText
    /// Empty: all that the key may see.
    package var verticals: [Vertical]
    /// Nil: the policy's.
    package var llm: LLMMode?
    /// At most 64 bytes; echoed.
    package var requestID: [UInt8]
    package var conversationID: [UInt8]
    package var origin: [UInt8]
    /// Earlier turns, oldest first.
    package var turns: [Turn]
    /// A speech recogniser's interim text: no language model, no pool.
    package var isPartial: Bool
    /// Never into the pool.
    package var doNotStore: Bool
    /// Allowed path prefixes; empty: all.
    package var within: [IntentPath]
    /// How many neighbours' texts to return, 0 to 1,000.
    package var evidence: Int
    /// Exhaustive search.
    package var isExact: Bool
    /// Wait until this is applied.
    package var minPosition: LogPosition?
    /// Exemplars that do not count.
    package var exclude: [ExemplarID]

    package init(
        text: UtteranceText,
        verticals: [Vertical] = [],
        llm: LLMMode? = nil,
        requestID: [UInt8] = [],
        conversationID: [UInt8] = [],
        origin: [UInt8] = [],
        turns: [Turn] = [],
        isPartial: Bool = false,
        doNotStore: Bool = false,
        within: [IntentPath] = [],
        evidence: Int = 0,
        isExact: Bool = false,
        minPosition: LogPosition? = nil,
        exclude: [ExemplarID] = [],
    ) {
        self.text = text
        self.verticals = verticals
        self.llm = llm
        self.requestID = requestID
        self.conversationID = conversationID
        self.origin = origin
        self.turns = turns
        self.isPartial = isPartial
        self.doNotStore = doNotStore
        self.within = within
        self.evidence = evidence
        self.isExact = isExact
        self.minPosition = minPosition
        self.exclude = exclude
    }
}

/// The answer to one utterance, complete in itself: what to do, why, and from which state of the index.
package struct ClassifyResponse: Sendable, Equatable {
    package var replyID: Bits128
    /// As normalised.
    package var text: String
    package var outcome: Outcome
    /// Of the leader; nil where there is no candidate.
    package var vertical: Vertical?
    /// Nil with `.unknown`.
    package var intent: IntentPath?
    package var intentID: IntentID?
    /// Nil: not calibrated.
    package var probability: Double?
    package var score: Double
    package var levels: [Level]
    /// Best first.
    package var candidates: [Candidate]
    /// Nearest first.
    package var evidence: [Evidence]
    package var decidedBy: DecidedBy
    package var requestID: [UInt8]
    package var attributes: [String: String]
    package var phrase: String?
    package var position: LogPosition
    /// Of the record that set the policy; nil: built in.
    package var policySequence: LogSequence?
    package var isTruncated: Bool
    package var timings: Timings
    /// Searched.
    package var verticals: [Vertical]
    /// How much the text is like what was searched; UNKNOWN below the policy's. Nil: nothing was retrieved.
    package var familiarity: Double?

    package init(
        replyID: Bits128,
        text: String,
        outcome: Outcome,
        vertical: Vertical? = nil,
        intent: IntentPath? = nil,
        intentID: IntentID? = nil,
        probability: Double? = nil,
        score: Double = 0,
        levels: [Level] = [],
        candidates: [Candidate] = [],
        evidence: [Evidence] = [],
        decidedBy: DecidedBy,
        requestID: [UInt8] = [],
        attributes: [String: String] = [:],
        phrase: String? = nil,
        position: LogPosition,
        policySequence: LogSequence? = nil,
        isTruncated: Bool = false,
        timings: Timings = Timings(),
        verticals: [Vertical] = [],
        familiarity: Double? = nil,
    ) {
        self.replyID = replyID
        self.text = text
        self.outcome = outcome
        self.vertical = vertical
        self.intent = intent
        self.intentID = intentID
        self.probability = probability
        self.score = score
        self.levels = levels
        self.candidates = candidates
        self.evidence = evidence
        self.decidedBy = decidedBy
        self.requestID = requestID
        self.attributes = attributes
        self.phrase = phrase
        self.position = position
        self.policySequence = policySequence
        self.isTruncated = isTruncated
        self.timings = timings
        self.verticals = verticals
        self.familiarity = familiarity
    }
}
