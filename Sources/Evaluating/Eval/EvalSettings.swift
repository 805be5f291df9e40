package import Core

/// How an evaluation is run. The same settings on the same data give the same figures, but for times and for what the
/// encoder rounds otherwise when other texts share its batch (an answer or two of a few hundred).
package struct EvalSettings: Sendable {
    package var llm: LLMMode
    /// How many exemplars vote.
    package var k: Int
    /// Compares with every vector instead of walking graphs.
    package var isExact: Bool
    /// Classify calls that are open at a time while accuracy is measured.
    package var callsInFlight: Int
    /// Score calls that are open at a time. Each takes a thread for long; more at once would only wait.
    package var llmCallsInFlight: Int
    /// Calls, one after the other, that latency is measured on.
    package var latencyCalls: Int
    /// Without validation data: at most so many training utterances are asked, each without itself.
    package var leaveOneOutSample: Int
    /// Utterances that the language model scores so that its part of the policy can be fitted.
    package var llmFitSample: Int
    /// Whether the validation data joins the index before the test data is measured.
    package var learnsValid: Bool
    /// Without out-of-scope utterances to fit on: known intents are left out in turn, and theirs asked as such. For where
    /// what is measured as out of scope is of that kind too.
    package var leavesIntentsOut: Bool
    /// Chooses the samples.
    package var seed: UInt64
    /// Of one call; long, so that what is measured is the answer and not this machine's load.
    package var deadline: Duration

    package init(
        llm: LLMMode = .off,
        k: Int = 10,
        isExact: Bool = false,
        callsInFlight: Int = 32,
        llmCallsInFlight: Int = 4,
        latencyCalls: Int = 300,
        leaveOneOutSample: Int = 3_000,
        llmFitSample: Int = 400,
        learnsValid: Bool = true,
        leavesIntentsOut: Bool = false,
        seed: UInt64 = 1,
        deadline: Duration = .seconds(30),
    ) {
        self.llm = llm
        self.k = k
        self.isExact = isExact
        self.callsInFlight = callsInFlight
        self.llmCallsInFlight = llmCallsInFlight
        self.latencyCalls = latencyCalls
        self.leaveOneOutSample = leaveOneOutSample
        self.llmFitSample = llmFitSample
        self.learnsValid = learnsValid
        self.leavesIntentsOut = leavesIntentsOut
        self.seed = seed
        self.deadline = deadline
    }

    /// Whether the language model is asked at all.
    package var asksLLM: Bool { llm != .off }

    /// - Throws: `.invalidArgument`, with what is accepted.
    package func validate() throws(SwitchboardError) {
        guard (1...1_000).contains(k) else { throw .invalid("k is 1 to 1,000 exemplars, not \(k)") }
        guard (1...256).contains(callsInFlight) else {
            throw .invalid("1 to 256 calls may be in flight, not \(callsInFlight)")
        }
        guard latencyCalls >= 0 else { throw .invalid("latency is measured on 0 or more calls, not \(latencyCalls)") }
    }
}
