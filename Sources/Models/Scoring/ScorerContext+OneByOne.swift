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
        try requireJoinedLines()
        let prompt = try self.prompt(for: input, interruption: .none)
        var scores: [Double] = []
        for candidate in try tokens(ofCandidates: input.candidates, interruption: .none) {
            forget()
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
                share(Self.prefixSequence, with: 0)
                try compute(prompt.tokens)
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
        return output(scores, of: prompt)
    }

    /// The same scores the way of REIC's paper: each candidate after a prompt of its own, a full sequence from the start,
    /// all of them in one batch. What `score` is compared with for its speed.
    ///
    /// - Throws: `.invalidArgument` where these sequences need more cells than the context has, or the candidates more
    ///   outputs than it was made for.
    package func scoreInOneBatch(_ input: ScoringInput) throws(SwitchboardError) -> ScoringOutput {
        try requireJoinedLines()
        let prompt = try self.prompt(for: input, interruption: .none)
        let candidates = try tokens(ofCandidates: input.candidates, interruption: .none)
        let asked = candidates.reduce(0) { $0 + $1.count }
        let cells = candidates.count * (prompt.tokens.count - 1) + asked
        guard candidates.count <= ScoringInput.maximumCandidates, asked <= outputs,
            prefix.count + cells <= model.settings.contextTokens
        else {
            throw .invalid(
                "\(candidates.count) full sequences with \(cells) tokens and \(asked) outputs; this context has room for "
                    + "\(ScoringInput.maximumCandidates), \(model.settings.contextTokens - prefix.count) and \(outputs)"
            )
        }
        forget()
        var batch = LlamaBatch(capacity: cells, sequences: 1)
        for (sequence, candidate) in candidates.enumerated() {
            for (place, token) in (prompt.tokens + candidate.dropLast()).enumerated() {
                batch.append(token, at: place, in: sequence, wantsOutput: place >= prompt.tokens.count - 1)
            }
        }
        try decode(batch)
        var scores: [Double] = []
        var start = 0
        for candidate in candidates {
            var sum = 0.0
            for (place, token) in candidate.enumerated() {
                sum += try logProbability(of: token, after: start + prompt.tokens.count - 1 + place)
            }
            scores.append(sum / Double(candidate.count))
            start += prompt.tokens.count + candidate.count - 1
        }
        return output(scores, of: prompt)
    }

    private func requireJoinedLines() throws(SwitchboardError) {
        guard model.settings.form == .joined else {
            throw .invalid("a prompt whose lines stand apart is no single sequence, so it has no plain way")
        }
    }

    /// Computes a prompt after what all begin with, in the pieces of `score`; its last token's logits are there
    /// afterwards.
    private func compute(_ prompt: [Int32]) throws(SwitchboardError) {
        for start in stride(from: prefix.count, to: prompt.count, by: model.settings.pieceTokens) {
            let end = min(start + model.settings.pieceTokens, prompt.count)
            try run(
                Array(prompt[start..<end]),
                from: start,
                outputsFrom: end == prompt.count ? end - start - 1 : end - start
            )
        }
    }

    private func run(_ tokens: [Int32], from position: Int, outputsFrom first: Int) throws(SwitchboardError) {
        var batch = LlamaBatch(capacity: tokens.count, sequences: 1)
        for (place, token) in tokens.enumerated() {
            batch.append(token, at: position + place, in: 0, wantsOutput: place >= first)
        }
        try decode(batch)
    }

    private func logProbability(of token: Int32, after index: Int) throws(SwitchboardError) -> Double {
        let logits = try row(Int32(index))
        return Double(logits[Int(token)]) - switchboard_log_sum_exp(logits, vocabularySize)
    }

    private func output(_ scores: [Double], of prompt: PromptTokens) -> ScoringOutput {
        ScoringOutput(
            logProbabilities: scores,
            promptTokens: prompt.tokens.count,
            isTruncated: prompt.isTruncated
        )
    }
}
