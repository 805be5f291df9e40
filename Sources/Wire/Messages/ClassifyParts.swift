package import Core

/// A node on the way to the answer.
package struct Level: Sendable, Equatable {
    package var path: IntentPath
    /// Share of the candidates at or below this node.
    package var probability: Double

    package init(path: IntentPath, probability: Double) {
        self.path = path
        self.probability = probability
    }
}

/// An intent that was considered, with what speaks for it.
package struct Candidate: Sendable, Equatable {
    package var vertical: Vertical
    package var intent: IntentPath
    package var intentID: IntentID
    /// Nil: not calibrated.
    package var probability: Double?
    package var vote: Double
    package var classScore: Double?
    /// Nil: the language model was not asked.
    package var llmLogprob: Double?
    package var score: Double

    package init(
        vertical: Vertical,
        intent: IntentPath,
        intentID: IntentID,
        probability: Double? = nil,
        vote: Double = 0,
        classScore: Double? = nil,
        llmLogprob: Double? = nil,
        score: Double = 0,
    ) {
        self.vertical = vertical
        self.intent = intent
        self.intentID = intentID
        self.probability = probability
        self.vote = vote
        self.classScore = classScore
        self.llmLogprob = llmLogprob
        self.score = score
    }
}

/// A neighbour as a reply shows it.
package struct Evidence: Sendable, Equatable {
    package var vertical: Vertical
    package var query: String
    package var intent: IntentPath
    package var similarity: Double

    package init(vertical: Vertical, query: String, intent: IntentPath, similarity: Double) {
        self.vertical = vertical
        self.query = query
        self.intent = intent
        self.similarity = similarity
    }
}

/// Where a reply's time went, to the microsecond.
package struct Timings: Sendable, Equatable {
    package var queue: Duration
    package var encode: Duration
    package var search: Duration
    package var score: Duration
    package var total: Duration

    package init(
        queue: Duration = .zero,
        encode: Duration = .zero,
        search: Duration = .zero,
        score: Duration = .zero,
        total: Duration = .zero,
    ) {
        self.queue = queue
        self.encode = encode
        self.search = search
        self.score = score
        self.total = total
    }
}
