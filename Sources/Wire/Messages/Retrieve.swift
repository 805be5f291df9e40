package import Core

/// Texts to be made vectors.
package struct EncodeRequest: Sendable, Equatable {
    package static let maximumTexts = 1_000

    /// At most 1,000.
    package var texts: [UtteranceText]
    package var priority: Priority
    /// Nil: by the one that the index is made with.
    package var encoder: ModelID?

    package init(texts: [UtteranceText], priority: Priority = .live, encoder: ModelID? = nil) {
        self.texts = texts
        self.priority = priority
        self.encoder = encoder
    }
}

/// The vectors of an `EncodeRequest`.
package struct EncodeResponse: Sendable, Equatable {
    package var encoder: ModelID
    /// In the order of the texts, each of unit length.
    package var vectors: [[Float]]
    /// For each text whether the encoder read only its beginning.
    package var truncated: [Bool]

    package init(encoder: ModelID, vectors: [[Float]], truncated: [Bool]) {
        self.encoder = encoder
        self.vectors = vectors
        self.truncated = truncated
    }
}

/// Asks for the exemplars nearest to a text or a vector.
package struct RetrieveRequest: Sendable, Equatable {
    package static let maximumNeighbours = 1_000
    package static let maximumCandidates = Decision.maximumCandidates
    package static let maximumExemplars = 32
    package static let maximumClassFigures = 1_000
    package static let maximumScorers = 8

    /// Nil only where `vector` is given.
    package var text: UtteranceText?
    /// Searched instead of the text's own vector; empty: the text is encoded.
    package var vector: [Float]
    /// Of the vector; not nil where there is one.
    package var encoder: ModelID?
    /// Empty: all.
    package var verticals: [Vertical]
    /// 1 to 1,000; nil: the policy's.
    package var k: Int?
    package var within: [IntentPath]
    package var exclude: [ExemplarID]
    /// Exhaustive search.
    package var isExact: Bool
    package var minPosition: LogPosition?
    package var priority: Priority
    /// Where the language model would be asked, the leading intents come with exemplars of their own; nil: as the
    /// policy says.
    package var llm: LLMMode?
    /// How many intents, 1 to 10; nil: as the policy says.
    package var candidates: Int?
    /// How many exemplars of each, 1 to 32; nil: as the policy says.
    package var exemplarsEach: Int?
    /// Of how many intents the class evidence is told, beside those of the neighbours, 1 to 1,000; nil: 10. Who asks for
    /// some tries weights on them: they come with the weights that hold where nothing was fitted, and not with the
    /// policy's. What the others amount to is summed up under the weights that it comes with.
    package var classFigures: Int?
    /// The models of scorers that could be asked, at most 8: of the policy's parts for the language model only one for
    /// some of these holds. Empty: they are not known, and any holds.
    package var scorers: [ScoringModels]

    package init(
        text: UtteranceText?,
        vector: [Float] = [],
        encoder: ModelID? = nil,
        verticals: [Vertical] = [],
        k: Int? = nil,
        within: [IntentPath] = [],
        exclude: [ExemplarID] = [],
        isExact: Bool = false,
        minPosition: LogPosition? = nil,
        priority: Priority = .live,
        llm: LLMMode? = .off,
        candidates: Int? = nil,
        exemplarsEach: Int? = nil,
        classFigures: Int? = nil,
        scorers: [ScoringModels] = [],
    ) {
        self.text = text
        self.vector = vector
        self.encoder = encoder
        self.verticals = verticals
        self.k = k
        self.within = within
        self.exclude = exclude
        self.isExact = isExact
        self.minPosition = minPosition
        self.priority = priority
        self.llm = llm
        self.candidates = candidates
        self.exemplarsEach = exemplarsEach
        self.classFigures = classFigures
        self.scorers = scorers
    }
}

/// All that a decision needs, from one snapshot of a replica: neighbours, their intents, the policy.
package struct RetrieveResponse: Sendable, Equatable {
    /// What a list of verticals is accepted with.
    package static let maximumVerticals = Limits.maximumItems

    /// Nearest first.
    package var neighbours: [Neighbour]
    /// Exemplars whose text equals the utterance, at most one a vertical.
    package var equal: [Neighbour]
    /// Those of the neighbours and of the class evidence, and their ancestors.
    package var intents: [Intent]
    /// Nil: the built-in one.
    package var policy: Policy?
    /// Of the record that set the policy; nil: built in.
    package var policySequence: LogSequence?
    package var position: LogPosition
    package var isTruncated: Bool
    /// Searched; of more than 1,000 the first in alphabetical order.
    package var verticals: [Vertical]
    package var queue: Duration
    package var encode: Duration
    package var search: Duration
    /// The encoder that was used; nil: none was.
    package var encoder: ModelID?
    /// Nil: there is no exemplar.
    package var classes: ClassEvidence?
    /// The nearest exemplars of each leading intent, nearest first over all; empty where the language model is not to be
    /// asked.
    package var shown: [Neighbour]
    /// The records of policies whose part for the language model would come first, and is for none of the scorers that
    /// the request names.
    package var ignoredPolicies: [LogSequence]
    /// The farthest neighbours, or what is known of intents, were left out, as there was no room for them.
    package var isShortened: Bool

    package init(
        neighbours: [Neighbour],
        equal: [Neighbour] = [],
        intents: [Intent] = [],
        policy: Policy? = nil,
        policySequence: LogSequence? = nil,
        position: LogPosition,
        isTruncated: Bool = false,
        verticals: [Vertical] = [],
        queue: Duration = .zero,
        encode: Duration = .zero,
        search: Duration = .zero,
        encoder: ModelID? = nil,
        classes: ClassEvidence? = nil,
        shown: [Neighbour] = [],
        ignoredPolicies: [LogSequence] = [],
        isShortened: Bool = false,
    ) {
        self.neighbours = neighbours
        self.equal = equal
        self.intents = intents
        self.policy = policy
        self.policySequence = policySequence
        self.position = position
        self.isTruncated = isTruncated
        self.verticals = verticals
        self.queue = queue
        self.encode = encode
        self.search = search
        self.encoder = encoder
        self.classes = classes
        self.shown = shown
        self.ignoredPolicies = ignoredPolicies
        self.isShortened = isShortened
    }
}
