package import Core

/// A retrieved pair as the scorer's prompt shows it.
package struct Pair: Sendable, Equatable {
    package var query: String
    package var intent: IntentPath

    package init(query: String, intent: IntentPath) {
        self.query = query
        self.intent = intent
    }
}

/// Candidate intents to be scored by the language model.
package struct ScoreRequest: Sendable, Equatable {
    package static let maximumCandidates = 64
    package static let maximumPairs = 1_000

    package var text: UtteranceText
    /// Earlier turns, oldest first.
    package var turns: [Turn]
    /// Nearest first.
    package var pairs: [Pair]
    /// 1 to 64.
    package var candidates: [IntentPath]
    package var priority: Priority
    /// For each candidate what speaks for it beside the model, as so much mean log-probability; empty: all are scored.
    package var headStarts: [Double]

    package init(
        text: UtteranceText,
        turns: [Turn] = [],
        pairs: [Pair] = [],
        candidates: [IntentPath],
        priority: Priority = .live,
        headStarts: [Double] = [],
    ) {
        self.text = text
        self.turns = turns
        self.pairs = pairs
        self.candidates = candidates
        self.priority = priority
        self.headStarts = headStarts
    }
}

/// The candidates' scores, and which model gave them.
package struct ScoreResponse: Sendable, Equatable {
    /// Mean log-probability of each candidate's tokens and the newline (REIC eq. 5), in the order asked; with head starts,
    /// of one that cannot lead any more, perhaps what it is at most.
    package var logprobs: [Double]
    package var promptTokens: Int
    /// Pairs or turns were left out to fit the context.
    package var isTruncated: Bool
    package var baseModel: ModelID
    /// Nil: the base model alone.
    package var adapter: ModelID?
    package var prompt: ModelID
    package var queue: Duration
    package var score: Duration

    package init(
        logprobs: [Double],
        promptTokens: Int,
        isTruncated: Bool = false,
        baseModel: ModelID,
        adapter: ModelID? = nil,
        prompt: ModelID,
        queue: Duration = .zero,
        score: Duration = .zero,
    ) {
        self.logprobs = logprobs
        self.promptTokens = promptTokens
        self.isTruncated = isTruncated
        self.baseModel = baseModel
        self.adapter = adapter
        self.prompt = prompt
        self.queue = queue
        self.score = score
    }
}
