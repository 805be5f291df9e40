package import Core

/// Utterances of which the language model is asked whether they share one intent.
package struct JudgeRequest: Sendable, Equatable {
    package static let maximumUtterances = 32

    /// 1 to 32.
    package var utterances: [UtteranceText]

    package init(utterances: [UtteranceText]) {
        self.utterances = utterances
    }
}

/// The language model's judgement, and which model gave it.
package struct JudgeResponse: Sendable, Equatable {
    /// Probability that they share one intent; not calibrated.
    package var good: Double
    package var effort: AnswerEffort

    package init(good: Double, effort: AnswerEffort) {
        self.good = good
        self.effort = effort
    }
}

/// Utterances that the language model is to name.
package struct NameRequest: Sendable, Equatable {
    package static let maximumWords = 20
    package static let maximumWordBytes = 64
    package static let maximumTaken = 1_000

    /// 1 to 32.
    package var utterances: [UtteranceText]
    /// Names that must not be given again.
    package var taken: [String]
    /// That may follow the verb, 1 to 20.
    package var words: [String]
    /// Nil: not told.
    package var role: Role?

    package init(utterances: [UtteranceText], taken: [String] = [], words: [String], role: Role? = nil) {
        self.utterances = utterances
        self.taken = taken
        self.words = words
        self.role = role
    }
}

/// The name, and which model gave it.
package struct NameResponse: Sendable, Equatable {
    /// Such as `cancel-order`; empty: all that the words allow are taken.
    package var label: String
    package var effort: AnswerEffort

    package init(label: String, effort: AnswerEffort) {
        self.label = label
        self.effort = effort
    }
}

/// What an answer about a cluster cost, and which models gave it.
package struct AnswerEffort: Sendable, Equatable {
    package var tokens: Int
    package var models: ScoringModels
    package var queue: Duration
    package var work: Duration

    package init(tokens: Int, models: ScoringModels, queue: Duration = .zero, work: Duration = .zero) {
        self.tokens = tokens
        self.models = models
        self.queue = queue
        self.work = work
    }
}
