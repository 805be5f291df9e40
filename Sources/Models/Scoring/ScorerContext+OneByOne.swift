internal import CLlama
package import Core

extension ScorerContext {
    /// The same scores the plain way: for each candidate the prompt and the candidate from the start, one sequence, no
    /// tree. What `score` is compared with, for its figures and for its speed.
    ///
    /// - Parameter inOnePass: prompt and candidate in one call of llama.cpp, the fastest plain way. Otherwise in the same
    ///   pieces as `score`, which is what its figures are to be compared with: llama.cpp's own depend on how many tokens
    ///   a call has (seen: up to 0.004 in mean log-probability on F16 weights, 0.07 on Q8_0).
    /// - Throws: `.invalidArgument` for one pass over a candidate of more tokens than are computed in one go (63).
    package func scoreOneByOne(_ input: ScoringInput, inOnePass: Bool = false) throws(SwitchboardError) -> ScoringOutput
    {
        let prompt = try self.prompt(for: input, interruption: .none)
        var scores: [Double] = []
        for candidate in try tokens(ofCandidates: input.candidates, interruption: .none) {
            llama_memory_clear(llama_get_memory(context.pointer), false)
            var sum = 0.0
            if inOnePass {
                guard candidate.count <= ScorerSettings.candidateBatch else {
                    throw .invalid("one pass takes candidates of at most \(ScorerSettings.candidateBatch) tokens")
                }
                try run(prompt.tokens + candidate.dropLast(), from: 0, outputsFrom: prompt.tokens.count - 1)
                for (place, token) in candidate.enumerated() {
                    sum += try logProbability(of: token, after: prompt.tokens.count - 1 + place)
                }
            } else {
                try decode(prompt.tokens, from: 0, interruption: .none)
                sum = try logProbability(of: candidate[0], after: -1)
                let asked = candidate.dropLast()
                for start in stride(from: 0, to: asked.count, by: ScorerSettings.candidateBatch) {
                    let piece = asked.dropFirst(start).prefix(ScorerSettings.candidateBatch)
                    try run(Array(piece), from: prompt.tokens.count + start, outputsFrom: 0)
                    for place in piece.indices {
                        sum += try logProbability(of: candidate[place + 1], after: place - start)
                    }
                }
            }
            scores.append(sum / Double(candidate.count))
        }
        return ScoringOutput(
            logProbabilities: scores,
            promptTokens: prompt.tokens.count,
            isTruncated: prompt.isTruncated
        )
    }

    private func run(_ tokens: [Int32], from position: Int, outputsFrom first: Int) throws(SwitchboardError) {
        var batch = LlamaBatch(capacity: tokens.count, sequences: 1)
        for (place, token) in tokens.enumerated() {
            batch.append(token, at: position + place, in: 0, wantsOutput: place >= first)
        }
        try decode(batch, interruption: .none)
    }

    private func logProbability(of token: Int32, after index: Int) throws(SwitchboardError) -> Double {
        let logits = try row(Int32(index))
        return Double(logits[Int(token)]) - switchboard_log_sum_exp(logits, Int64(model.model.vocabularySize))
    }
}
