/// Where a run of discovery is.
package struct RunProgress: Sendable, Hashable {
    package enum Phase: String, Sendable, Hashable, CaseIterable {
        case waiting
        case encoding
        case tuning
        case clustering
        case judging
        case naming
        case merging
        case comparing
        case finished
        case cancelled
        case failed

        /// Nothing more comes.
        package var isOver: Bool { self == .finished || self == .cancelled || self == .failed }
    }

    package var phase: Phase
    /// Of the whole run, 0 to 1.
    package var fraction: Double
    /// Seconds that are left, as far as it can be told.
    package var secondsLeft: Double?
    package var effort: RunEffort
    /// A sentence for people: what is done now, or why it failed. No caller's text.
    package var note: String

    package init(
        phase: Phase,
        fraction: Double,
        secondsLeft: Double? = nil,
        effort: RunEffort = RunEffort(),
        note: String = "",
    ) {
        self.phase = phase
        self.fraction = fraction
        self.secondsLeft = secondsLeft
        self.effort = effort
        self.note = note
    }
}

/// What a run has asked of language models and how long it took.
package struct RunEffort: Sendable, Hashable {
    /// Prompts judged or named, however batched.
    package var llmCalls = 0
    package var llmTokens = 0
    package var llmSeconds = 0.0
    package var seconds = 0.0

    package init() {}

    package static func + (left: RunEffort, right: RunEffort) -> RunEffort {
        var sum = left
        sum.llmCalls += right.llmCalls
        sum.llmTokens += right.llmTokens
        sum.llmSeconds += right.llmSeconds
        sum.seconds += right.seconds
        return sum
    }
}
