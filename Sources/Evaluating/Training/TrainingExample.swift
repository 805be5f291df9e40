internal import Core

/// One question to the language model with the answer, as tokens: what an adapter is trained on.
///
/// Tokens come from the scorer's own code, so whoever trains knows nothing of prompts.
package struct TrainingExample: Encodable, Sendable {
    package var prompt: [Int32]
    /// So many lines behind the first are pairs', which may stand apart.
    package var pairs = 0
    /// Of each candidate, the newline last.
    package var candidates: [[Int32]]
    /// The right one's place.
    package var gold: Int
    /// For each candidate the logarithm of its share by all evidence but the model's.
    package var scores: [Double]
    /// The same for all examples of one utterance: the exemplar's id.
    package var key: String
    /// What llama.cpp says of each (REIC, eq. 5), to compare with; nil: it was not asked.
    package var llmLogprobs: [Double]?

    private enum CodingKeys: String, CodingKey {
        case prompt, pairs, candidates, gold, scores, key
        case llmLogprobs = "llm_logprobs"
    }
}

/// How examples are drawn.
package struct TrainingSetSettings: Sendable {
    /// Questions in which the evidence alone gives the leader more than this are left out: the model is not asked there.
    package var sureness: Double
    /// Each example has as many candidates as one of these.
    package var candidates: ClosedRange<Int>
    /// And shows as many exemplars of each as one of these.
    package var exemplarsEach: ClosedRange<Int>
    /// Whether intents are named in several styles; else as given.
    package var variesNames: Bool
    /// At most so many examples.
    package var limit: Int
    /// Exemplars an intent in the index, the others only ask; nil: all are in it, and none sees itself.
    package var perIntent: Int?
    /// The first so many examples come with llama.cpp's own scores.
    package var scored: Int
    package var seed: UInt64

    package init(
        sureness: Double = 0.99,
        candidates: ClosedRange<Int> = 3...8,
        exemplarsEach: ClosedRange<Int> = 1...3,
        variesNames: Bool = true,
        limit: Int = .max,
        perIntent: Int? = nil,
        scored: Int = 8,
        seed: UInt64 = 1,
    ) {
        self.sureness = sureness
        self.candidates = candidates
        self.exemplarsEach = exemplarsEach
        self.variesNames = variesNames
        self.limit = limit
        self.perIntent = perIntent
        self.scored = scored
        self.seed = seed
    }
}
