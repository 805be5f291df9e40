package import Core

/// The scorer's prompt, all of it: what the language model reads before each candidate.
///
///     Match the query to an intent.
///     {query 10} -> {intent 10}            the pairs, least similar first
///     ...
///     {query 1} -> {intent 1}              most similar last
///     Earlier in this conversation:        only where there are earlier turns
///     caller: {text}                       oldest first; those that fit the budget, chosen newest first
///     agent: {text}
///     {query} ->
///
/// A candidate is appended as ` {intent}` and a newline, and scored by the mean log-probability of its tokens **and the
/// newline** (REIC, eq. 5): without the newline an intent that begins another one wins over it.
///
/// No chat template, no token at the start. Intents are written as `IntentPath.spoken`. Each line, the query, the arrow
/// and each candidate are tokenised by themselves, special tokens in them as plain text; whoever trains an adapter has to
/// do the same. Texts come normalised, so none holds a newline or another control character and a line stays a line. An
/// arrow inside a text is left as it is: it can make the line harder to read, never add one.
///
/// What does not fit is left out in this order, and said: the farthest pairs, the oldest turns, the end of the query.
package enum Prompt {
    static let instruction = "Match the query to an intent.\n"
    static let turnsHeading = "Earlier in this conversation:\n"
    static let arrow = " ->"

    static func line(query: String, intent: String) -> String { "\(query)\(arrow)\(ending(intent: intent))" }
    static func line(role: String, text: String) -> String { "\(role): \(text)\n" }
    /// What follows the arrow; for a candidate, what is scored.
    package static func ending(intent: String) -> String { " \(intent)\n" }

    /// The whole form as text, made from the pieces above, so that whoever changes a piece changes the id.
    static let definition = [
        "switchboard prompt 1\n",
        instruction,
        line(query: "{query}", intent: "{intent}"),
        turnsHeading,
        Role.allCases.map { line(role: $0.rawValue, text: "{text}") }.joined(),
        "{query}\(arrow)\n",
        "candidate:\(ending(intent: "{intent}"))",
        "pairs: least similar first; turns: oldest first; left out: farthest pairs, oldest turns, end of the query\n",
    ].joined()

    /// SHA-256 of the definition: policies and adapters are bound to it.
    package static let id: ModelID = {
        var hash = Hash256()
        hash.update(definition.utf8)
        return ModelID(bytes: hash.digest())!  // A SHA-256 has the 32 bytes that a model id has.
    }()
}

/// What of a prompt is kept so that it fits: decided on token counts alone.
struct PromptFit: Hashable {
    /// Tokens of the parts that a prompt is made of.
    struct Counts: Hashable {
        /// The instruction and the arrow.
        var fixed: Int
        /// Nearest first.
        var pairs: [Int]
        var turnsHeading: Int
        /// Newest first.
        var turns: [Int]
        var query: Int
    }

    /// The nearest so many.
    private(set) var pairs: Int
    /// The newest so many.
    private(set) var turns = 0
    /// The first so many tokens.
    private(set) var queryTokens: Int
    private(set) var isTruncated: Bool
    /// Tokens of what is kept.
    private(set) var total: Int

    /// - Parameters:
    ///   - limit: most tokens in all.
    ///   - turnLimit: most tokens of turns. A turn is kept whole or not at all.
    init(_ counts: Counts, limit: Int, turnLimit: Int) {
        var turnTokens = 0
        for turn in counts.turns {
            guard turnTokens + turn <= turnLimit else { break }
            turnTokens += turn
            turns += 1
        }
        pairs = counts.pairs.count
        queryTokens = counts.query
        total = counts.fixed + counts.pairs.reduce(0, +) + counts.query + turnTokens
        if turns > 0 { total += counts.turnsHeading }
        while total > limit, pairs > 0 {
            pairs -= 1
            total -= counts.pairs[pairs]
        }
        while total > limit, turns > 0 {
            turns -= 1
            total -= counts.turns[turns]
            if turns == 0 { total -= counts.turnsHeading }
        }
        if total > limit {
            // The fixed part is a dozen tokens, far below any limit, so this leaves some of the query.
            queryTokens = max(1, queryTokens - (total - limit))
            total = counts.fixed + queryTokens
        }
        isTruncated = pairs < counts.pairs.count || turns < counts.turns.count || queryTokens < counts.query
    }
}
