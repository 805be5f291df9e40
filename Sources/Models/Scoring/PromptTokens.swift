internal import Core

/// A prompt as the language model reads it: the tokens of what fits.
///
/// Made in time that the limits bound, however much there is to choose from: pairs are made into tokens nearest first and
/// turns newest first, and of each no more than the limit and one line beyond.
struct PromptTokens: Hashable {
    let tokens: [Int32]
    /// Where the pairs' lines lie in them.
    let lines: [Range<Int>]
    /// Whether pairs, turns or a part of the utterance were left out.
    let isTruncated: Bool

    /// - Parameter tokenise: called for one line after the other, each of some kilobytes at most.
    /// - Throws: what `tokenise` throws.
    init(
        _ input: ScoringInput,
        settings: ScorerSettings,
        tokenise: (String) throws(SwitchboardError) -> [Int32],
    ) throws(SwitchboardError) {
        let instruction = try tokenise(Prompt.instruction)
        let heading = try tokenise(Prompt.turnsHeading)
        let arrow = try tokenise(Prompt.arrow)
        let query = try tokenise(input.text.value)
        let pairs = try Self.tokens(
            of: input.pairs.lazy.map { Prompt.line(query: $0.query.value, intent: $0.intent.spoken) },
            beyond: settings.promptTokens,
            tokenise: tokenise,
        )
        let turns = try Self.tokens(
            of: input.turns.reversed().lazy.map { Prompt.line(role: $0.role.rawValue, text: $0.text.value) },
            beyond: settings.turnTokens,
            tokenise: tokenise,
        )
        let fit = PromptFit(
            .init(
                fixed: instruction.count + arrow.count,
                pairs: pairs.map(\.count),
                turnsHeading: heading.count,
                turns: turns.map(\.count),
                query: query.count
            ),
            limit: settings.promptTokens,
            turnLimit: settings.turnTokens
        )
        var tokens = instruction
        var lines: [Range<Int>] = []
        for pair in pairs.prefix(fit.pairs).reversed() {
            lines.append(tokens.count..<tokens.count + pair.count)
            tokens += pair
        }
        self.lines = lines
        if fit.turns > 0 { tokens += heading }
        for turn in turns.prefix(fit.turns).reversed() { tokens += turn }
        tokens += query.prefix(fit.queryTokens)
        self.tokens = tokens + arrow
        isTruncated = fit.isTruncated
    }

    /// The tokens of the first lines, up to the one with which they are more than `limit`: a prompt that keeps lines from
    /// the first on leaves that one out, and with it all that follow.
    private static func tokens(
        of lines: some Sequence<String>,
        beyond limit: Int,
        tokenise: (String) throws(SwitchboardError) -> [Int32],
    ) throws(SwitchboardError) -> [[Int32]] {
        var tokens: [[Int32]] = []
        var count = 0
        for line in lines {
            guard count <= limit else { break }
            let next = try tokenise(line)
            tokens.append(next)
            count += next.count
        }
        return tokens
    }
}
