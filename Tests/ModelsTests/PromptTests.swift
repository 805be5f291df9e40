import Core
import Testing

@testable import Models

struct PromptTests {
    @Test func theFormIsTheOneThatAdaptersAreTrainedOn() {
        #expect(
            Prompt.definition == """
                switchboard prompt 1
                Match the query to an intent.
                {query} -> {intent}
                Earlier in this conversation:
                caller: {text}
                agent: {text}
                {query} ->
                candidate: {intent}
                pairs: least similar first; turns: oldest first; left out: farthest pairs, oldest turns, end of the query

                """
        )
        // A policy or an adapter in the field names this id: a changed prompt is a new prompt.
        #expect(Prompt.id.description == "7c3663c035c2802395217b870500812b65a83f548960480a09d9a05046ade173")
    }

    private static func fit(_ limit: Int, turnLimit: Int = 50) -> PromptFit {
        PromptFit(
            .init(fixed: 10, pairs: [20, 21, 22], turnsHeading: 5, turns: [8, 9, 40], query: 15),
            limit: limit,
            turnLimit: turnLimit
        )
    }

    private struct Kept: Equatable {
        var pairs: Int
        var turns: Int
        var query: Int
        var isTruncated: Bool
        var total: Int

        init(_ pairs: Int, _ turns: Int, _ query: Int, _ isTruncated: Bool, _ total: Int) {
            (self.pairs, self.turns, self.query, self.isTruncated, self.total) = (
                pairs, turns, query, isTruncated, total
            )
        }

        init(_ fit: PromptFit) {
            self.init(fit.pairs, fit.turns, fit.queryTokens, fit.isTruncated, fit.total)
        }
    }

    @Test func whatFitsIsKept() {
        #expect(Kept(Self.fit(1_000, turnLimit: 100)) == Kept(3, 3, 15, false, 150))
        #expect(Kept(Self.fit(150, turnLimit: 100)) == Kept(3, 3, 15, false, 150))
    }

    @Test func turnsHaveABudgetOfTheirOwnNewestFirst() {
        #expect(Kept(Self.fit(1_000)) == Kept(3, 2, 15, true, 110))
        #expect(Kept(Self.fit(1_000, turnLimit: 8)) == Kept(3, 1, 15, true, 101))
        #expect(Kept(Self.fit(1_000, turnLimit: 0)) == Kept(3, 0, 15, true, 88))
    }

    @Test func theFarthestPairsGoFirstThenTheOldestTurnsThenTheEndOfTheQuery() {
        #expect(Kept(Self.fit(109)) == Kept(2, 2, 15, true, 88))
        #expect(Kept(Self.fit(47)) == Kept(0, 2, 15, true, 47))
        #expect(Kept(Self.fit(46)) == Kept(0, 1, 15, true, 38))
        #expect(Kept(Self.fit(37)) == Kept(0, 0, 15, true, 25))
        #expect(Kept(Self.fit(20)) == Kept(0, 0, 10, true, 20))
    }

    @Test func nothingIsLeftOutOfAPromptWithoutExtras() {
        let fit = PromptFit(.init(fixed: 10, pairs: [], turnsHeading: 5, turns: [], query: 3), limit: 13, turnLimit: 9)
        #expect(Kept(fit) == Kept(0, 0, 3, false, 13))
    }
}

struct PromptTokensTests {
    /// One for each byte.
    private static func tokens(_ text: String) -> [Int32] { text.utf8.map { Int32($0) } }

    /// All that there is made into tokens, and cut then.
    private static func cutAfterwards(
        _ input: ScoringInput,
        _ settings: ScorerSettings,
    ) -> (tokens: [Int32], isTruncated: Bool) {
        let instruction = Self.tokens(Prompt.instruction)
        let pairs = input.pairs.map { Self.tokens(Prompt.line(query: $0.query.value, intent: $0.intent.spoken)) }
        let heading = Self.tokens(Prompt.turnsHeading)
        let turns = input.turns.map { Self.tokens(Prompt.line(role: $0.role.rawValue, text: $0.text.value)) }
        let query = Self.tokens(input.text.value)
        let arrow = Self.tokens(Prompt.arrow)
        let fit = PromptFit(
            .init(
                fixed: instruction.count + arrow.count,
                pairs: pairs.map(\.count),
                turnsHeading: heading.count,
                turns: turns.reversed().map(\.count),
                query: query.count
            ),
            limit: settings.promptTokens,
            turnLimit: settings.turnTokens
        )
        var tokens = instruction
        for pair in pairs.prefix(fit.pairs).reversed() { tokens += pair }
        if fit.turns > 0 { tokens += heading }
        for turn in turns.suffix(fit.turns) { tokens += turn }
        tokens += query.prefix(fit.queryTokens)
        tokens += arrow
        return (tokens, fit.isTruncated)
    }

    private static func text(
        _ start: String,
        _ longest: Int,
        _ random: inout SeededGenerator,
    ) throws -> UtteranceText {
        try UtteranceText(start + String(repeating: "x", count: Int.random(in: 1...longest, using: &random)))
    }

    /// How much a prompt is made from.
    struct Material: Sendable {
        let pairs: Int
        let turns: Int
        /// Characters of a text, or some more.
        let longest: Int
    }

    private static func input(_ material: Material, _ random: inout SeededGenerator) throws -> ScoringInput {
        let query = try text("query ", material.longest, &random)
        var input = try ScoringInput(text: query, pairs: [], candidates: [IntentPath("a")])
        for number in 0..<material.pairs {
            let query = try text("pair \(number) ", material.longest, &random)
            input.pairs.append(.init(query: query, intent: try IntentPath("intent \(number)")))
        }
        for number in 0..<material.turns {
            let said = try text("turn \(number) ", material.longest, &random)
            input.turns.append(Turn(role: number % 2 == 0 ? .caller : .agent, text: said))
        }
        return input
    }

    @Test(
        arguments: [
            Material(pairs: 0, turns: 0, longest: 20),
            Material(pairs: 3, turns: 2, longest: 20),
            Material(pairs: 12, turns: 6, longest: 40),
            Material(pairs: 40, turns: 40, longest: 120),
            Material(pairs: 5, turns: 5, longest: 2_000),
            Material(pairs: 0, turns: 30, longest: 30),
            Material(pairs: 300, turns: 100, longest: 300),
        ],
        [ScorerSettings(), ScorerSettings(contextTokens: 900, turnTokens: 100), ScorerSettings(turnTokens: 0)]
    )
    func areThoseThatCuttingAfterwardsLeaves(material: Material, settings: ScorerSettings) throws {
        var random = SeededGenerator(seed: UInt64(material.pairs + material.turns + material.longest))
        for _ in 0..<10 {
            let input = try Self.input(material, &random)
            let prompt = try PromptTokens(input, settings: settings) { Self.tokens($0) }
            let expected = Self.cutAfterwards(input, settings)
            #expect(prompt.tokens == expected.tokens)
            #expect(prompt.isTruncated == expected.isTruncated)
        }
    }

    @Test func areMadeOfFewLinesHoweverManyThereAre() throws {
        var random = SeededGenerator(seed: 3)
        let input = try Self.input(Material(pairs: 1_000, turns: 1_000, longest: 4_000), &random)
        var made = 0
        let prompt = try PromptTokens(input, settings: ScorerSettings()) { text in
            let tokens = Self.tokens(text)
            made += tokens.count
            return tokens
        }
        #expect(prompt.isTruncated)
        // The limits, and in each kind of line one beyond.
        #expect(made < 20_000)
    }

    @Test func aScoreIsBookedAsWhatAPromptHoldsAtMost() throws {
        var input = try ScoringInput(text: UtteranceText("where is it"), pairs: [], candidates: [IntentPath("refund")])
        #expect(input.guessedTokens(promptTokens: 1_408) == 19)
        let query = try UtteranceText(String(repeating: "x", count: 4_000))
        let pair = ScoringInput.Pair(query: query, intent: try IntentPath("refund"))
        input.pairs = Array(repeating: pair, count: 1_000)
        #expect(input.byteCount > 4_000_000)
        #expect(input.guessedTokens(promptTokens: 1_408) == 1_409)
    }
}

struct CandidateTrieTests {
    private static func tree(_ trie: CandidateTrie) -> [String] {
        trie.nodes.map { "\($0.depth):\($0.token) \($0.members)" }
    }

    @Test func sharesWhatCandidatesBeginWith() {
        let trie = CandidateTrie([[1, 2, 3, 9], [1, 2, 4, 9], [5, 9]])
        #expect(Self.tree(trie) == ["0:1 [0, 1]", "1:2 [0, 1]", "2:3 [0]", "2:4 [1]", "0:5 [2]"])
        #expect(trie.questions[1].map(\.node) == [nil, 0, 1, 3])
        #expect(trie.questions[1].map(\.token) == [1, 2, 4, 9])
        #expect(trie.questions[2].map(\.node) == [nil, 4])
    }

    @Test func aCandidateThatBeginsAnotherAddsNothing() {
        var trie = CandidateTrie([[1, 2, 9], [1, 2, 3, 9]])
        #expect(Self.tree(trie) == ["0:1 [0, 1]", "1:2 [0, 1]", "2:3 [1]"])
        #expect(trie.added(by: [1, 2, 3, 4, 9]) == 1)
        #expect(trie.added(by: [1, 9]) == 0)
        #expect(trie.added(by: [7, 8, 9]) == 2)
        trie.append([1, 2, 9])
        #expect(trie.nodes.count == 3)
        #expect(trie.nodes[1].members == [0, 1, 2])
        #expect(trie.questions[0] == trie.questions[2])
    }

    @Test func aCandidateOfOneTokenNeedsNoNode() {
        let trie = CandidateTrie([[9]])
        #expect(trie.nodes.isEmpty)
        #expect(trie.questions[0].map(\.node) == [nil])
    }

    @Test func parentsComeBeforeChildrenAndPositionsRise() {
        var random = SeededGenerator(seed: 5)
        let candidates = (0..<64).map { _ in
            (0..<Int.random(in: 1...12, using: &random)).map { _ in Int32.random(in: 0..<3, using: &random) } + [99]
        }
        let trie = CandidateTrie(candidates)
        for (candidate, tokens) in candidates.enumerated() {
            let path = trie.nodes.filter { $0.members.contains(candidate) }
            #expect(path.map(\.token) == tokens.dropLast())
            #expect(path.map(\.depth) == Array(0..<tokens.count - 1))
        }
    }
}
