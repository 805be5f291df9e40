package import Core

/// A prompt as one text, for a language model whose tokens are made elsewhere.
package struct PromptText: Sendable, Hashable {
    /// Ends with the arrow; a candidate's `Prompt.ending` follows.
    package let text: String
    /// Whether pairs, turns or a part of the utterance were left out.
    package let isTruncated: Bool

    /// The form of `Prompt`, with what fits chosen in the same way; Unicode scalars count in place of tokens.
    ///
    /// - Parameters:
    ///   - limit: most scalars, at least 256.
    ///   - turnLimit: most scalars of earlier turns.
    /// - Throws: nothing of its own.
    package init(_ input: ScoringInput, limit: Int, turnLimit: Int) throws(SwitchboardError) {
        let settings = ScorerSettings(contextTokens: limit + ScorerSettings.candidateTokens, turnTokens: turnLimit)
        let prompt = try PromptTokens(input, settings: settings) { line throws(SwitchboardError) in
            line.unicodeScalars.map { Int32(bitPattern: $0.value) }
        }
        var scalars = String.UnicodeScalarView()
        // Each number was a scalar's a moment ago.
        scalars.append(contentsOf: prompt.tokens.lazy.compactMap { Unicode.Scalar(UInt32(bitPattern: $0)) })
        text = String(scalars)
        isTruncated = prompt.isTruncated
    }
}
