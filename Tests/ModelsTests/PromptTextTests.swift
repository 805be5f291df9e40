import Core
import Models
import Testing

struct PromptTextTests {
    private static func input(pairs: Int = 2, text: String = "where is my box") throws -> ScoringInput {
        ScoringInput(
            text: try UtteranceText(text),
            turns: [
                Turn(role: .caller, text: try UtteranceText("hello")),
                Turn(role: .agent, text: try UtteranceText("hi")),
            ],
            pairs: try (1...pairs).map {
                .init(query: try UtteranceText("query \($0)"), intent: try IntentPath("a/b_\($0)"))
            },
            candidates: [try IntentPath("a")]
        )
    }

    @Test func itIsThePromptOfALocalModelAsText() throws {
        let prompt = try PromptText(Self.input(), limit: 1_000, turnLimit: 100)
        #expect(
            prompt.text == """
                Match the query to an intent.
                query 2 -> a / b 2
                query 1 -> a / b 1
                Earlier in this conversation:
                caller: hello
                agent: hi
                where is my box ->
                """
        )
        #expect(!prompt.isTruncated)
    }

    @Test func whatIsTooLongLosesItsFarthestPairs() throws {
        let prompt = try PromptText(Self.input(pairs: 100), limit: 256, turnLimit: 100)
        #expect(prompt.isTruncated)
        #expect(prompt.text.unicodeScalars.count <= 256)
        #expect(prompt.text.contains("query 1 ->"))
        #expect(!prompt.text.contains("query 100 ->"))
        #expect(prompt.text.hasSuffix("where is my box ->"))
    }

    @Test func aLongQueryIsCutBetweenCharacters() throws {
        let prompt = try PromptText(Self.input(text: String(repeating: "택배 ", count: 500)), limit: 300, turnLimit: 100)
        #expect(prompt.isTruncated)
        #expect(prompt.text.unicodeScalars.count == 300)
        #expect(!prompt.text.contains("\u{FFFD}"))
        #expect(prompt.text.hasSuffix(" ->"))
    }
}
