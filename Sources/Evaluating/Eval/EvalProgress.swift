/// How far an evaluation has come.
package struct EvalProgress: Sendable, Equatable {
    package enum Stage: String, Sendable, CaseIterable {
        case loading = "loading exemplars"
        case fitting = "fitting the policy"
        case leavingOut = "leaving intents out"
        case fittingLLM = "fitting the LLM's part"
        case joining = "adding the validation data"
        case measuring = "classifying the test data"
        case timing = "timing single calls"
        case encoding = "encoding for the tables"
        case training = "training the linear baselines"
        case retrieving = "retrieving for the tables"
        case scoring = "asking the LLM for the tables"
    }

    package let stage: Stage
    package let done: Int
    package let total: Int

    package init(_ stage: Stage, done: Int, of total: Int) {
        self.stage = stage
        self.done = done
        self.total = total
    }
}

/// Where progress is told; called from any task, in order within a stage.
package typealias EvalProgressReport = @Sendable (EvalProgress) -> Void
