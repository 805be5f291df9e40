/// What a server is asked first: a text whose log-probabilities are known well enough to tell right from wrong.
///
/// A sentence again and again: any language model foresees its words after some rounds. Where figures stand one token off,
/// as of llama-cpp-python with a model that has no token for a text's beginning, each word is judged as if it came twice,
/// which in a sentence of different words surprises any model (SmolLM2-135M: -10 a token instead of -0.5; with two words in
/// turn no more than -1.5).
enum EchoProbe {
    /// What the text begins with, whole tokens.
    static let start = "The"
    static let text = start + String(repeating: " cat sat on the mat. The", count: 4)

    /// Below this no language model is, by the mean of the last tokens.
    private static let least = -3.0
    private static let counted = 8

    /// - Throws: `.nonsense` with what the server lacks.
    static func check(_ echoed: EchoedTokens) throws(EngineFailure) {
        guard echoed.tokens.count > counted else {
            throw .nonsense("gives no log-probabilities of the prompt (echo with logprobs); vLLM does")
        }
        guard try echoed.mean(from: echoed.tokens.count - counted) >= least else {
            throw .nonsense(
                "gives log-probabilities that belong to other tokens: a sentence that comes again surprises it "
                    + "(llama-cpp-python does so with models that have no token for a text's beginning)"
            )
        }
    }
}
