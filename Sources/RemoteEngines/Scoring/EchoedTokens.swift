/// The tokens of a text as a server read it, each with its log-probability after those before.
struct EchoedTokens: Sendable, Hashable {
    let tokens: [String]
    /// Nil where the server gave none, as for the first.
    let figures: [Double?]

    /// What a server answered, in the order of the prompts.
    ///
    /// - Throws: `.nonsense` where that does not fit what was asked.
    static func all(
        in answer: EngineMessages.Completions,
        prompts: Int,
    ) throws(EngineFailure) -> [EchoedTokens] {
        guard answer.choices.count == prompts else {
            throw .nonsense("answered \(prompts) prompts with \(answer.choices.count) completions")
        }
        guard let generated = answer.usage?.completionTokens else {
            throw .nonsense("does not say how many tokens it made (usage.completion_tokens)")
        }
        // One each or none at all; otherwise those that were ended by their length have one.
        let isEven = generated == 0 || generated == prompts
        var places = [EchoedTokens?](repeating: nil, count: prompts)
        var dropped = 0
        for (number, choice) in answer.choices.enumerated() {
            let place = choice.index ?? number
            guard places.indices.contains(place), places[place] == nil else {
                throw .nonsense("numbered its completions wrongly")
            }
            guard let found = choice.logprobs, found.tokens.count == found.figures.count else {
                throw .nonsense("gave no log-probability for each token of the prompt")
            }
            let extra = isEven ? generated / prompts : (choice.finishReason == "length" ? 1 : 0)
            dropped += extra
            places[place] = EchoedTokens(
                tokens: found.tokens.dropLast(extra),
                figures: found.figures.dropLast(extra)
            )
        }
        guard dropped == generated else { throw .nonsense("made another number of tokens than one a prompt") }
        return places.compactMap(\.self)
    }

    /// Where a candidate begins that was appended to a prompt, from the tokens' own texts: the first token that reaches
    /// beyond the prompt, so one that straddles the boundary is the candidate's.
    ///
    /// - Returns: nil where the tokens' texts do not make up the whole text: SentencePiece's lose their spaces, and parts of
    ///   a character have no text. A first token may stand for the text's beginning and be passed over.
    func start(after prompt: String, in whole: String) -> Int? {
        for skipped in 0...1 where skipped < tokens.count {
            guard tokens[skipped...].joined(separator: "").utf8.elementsEqual(whole.utf8) else { continue }
            var end = 0
            for place in skipped..<tokens.count {
                end += tokens[place].utf8.count
                if end > prompt.utf8.count { return place }
            }
        }
        return nil
    }

    /// The same from the tokens of the prompt alone: where they part.
    ///
    /// - Throws: `.nonsense` where they part long before the prompt's end, as where a server cuts off a text's beginning:
    ///   what follows is not the candidate alone.
    func start(after prompt: EchoedTokens) throws(EngineFailure) -> Int {
        let start = zip(tokens, prompt.tokens).prefix { $0 == $1 }.count
        guard start > 0, prompt.tokens.count - start <= Self.mostMerged else {
            throw .nonsense("reads a prompt otherwise where a candidate follows; it may cut off what is long")
        }
        return start
    }

    /// Tokens at a prompt's end that may come out otherwise with a candidate behind them.
    private static let mostMerged = 8

    /// The mean log-probability of the tokens from `start` on (REIC, eq. 5).
    ///
    /// - Throws: `.nonsense` where there is none, one is missing, or one is no log-probability.
    func mean(from start: Int) throws(EngineFailure) -> Double {
        try sum(from: start) / Double(figures.count - start)
    }

    /// The log-probability of the tokens from `start` on together.
    ///
    /// - Throws: as `mean`.
    func sum(from start: Int) throws(EngineFailure) -> Double {
        var sum = 0.0
        for figure in figures[start...] {
            guard let figure, figure.isFinite, figure <= 0.001 else {
                throw .nonsense("gave a figure that is no log-probability")
            }
            sum += figure
        }
        guard start < figures.count else { throw .nonsense("gave no token for a candidate") }
        // Figures that are finite each may have a sum that is not.
        guard sum.isFinite else { throw .nonsense("gave a figure that is no log-probability") }
        return sum
    }
}
