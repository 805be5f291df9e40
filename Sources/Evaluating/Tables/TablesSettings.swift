package import Core

/// How the tables of an evaluation are made, beside the evaluation's own settings.
package struct TablesSettings: Sendable {
    /// How many exemplars vote, each tried; lowest first.
    package var neighbours: [Int]
    /// Test utterances that the language model is asked of.
    package var sample: Int
    /// Calls, one after the other, that a method's latency is the median of.
    package var timedCalls: Int
    /// The same where the language model is asked.
    package var timedLLMCalls: Int
    package var linear: IntentClassifier.Settings

    package init(
        neighbours: [Int] = [1, 3, 5, 10, 20, 50],
        sample: Int = 200,
        timedCalls: Int = 100,
        timedLLMCalls: Int = 20,
        linear: IntentClassifier.Settings = .init(),
    ) {
        self.neighbours = neighbours
        self.sample = sample
        self.timedCalls = timedCalls
        self.timedLLMCalls = timedLLMCalls
        self.linear = linear
    }

    /// - Throws: `.invalidArgument`, with what is accepted.
    package func validate() throws(SwitchboardError) {
        guard sample > 0 else { throw .invalid("the language model is asked of 1 or more utterances, not \(sample)") }
        guard !neighbours.isEmpty, neighbours.allSatisfy({ (1...1_000).contains($0) }) else {
            throw .invalid("1 to 1,000 exemplars vote")
        }
        guard timedCalls >= 0, timedLLMCalls >= 0 else { throw .invalid("latency is measured on 0 or more calls") }
    }
}
