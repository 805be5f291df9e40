import SwitchboardClient
import Testing

@testable import switchboard

/// What `feedback export --pairs` makes of what was said.
struct FeedbackPairsTests {
    private func word(
        _ reply: String,
        _ verdict: AnswerFeedback.Verdict,
        _ source: AnswerFeedback.Source,
        right: String? = nil,
        answered: String? = "delivery/track",
    ) -> AnswerFeedback {
        var word = AnswerFeedback(
            replyID: reply,
            text: "said in \(reply)",
            vertical: "shop",
            answered: answered,
            verdict: verdict,
            source: source
        )
        word.right = right
        return word
    }

    @Test func theWordThatCountsTeaches() throws {
        var pairs = FeedbackPairs()
        pairs.add(word("a", .corrected, .analyst, right: "refund/ask"))
        pairs.add(word("b", .confirmed, .caller))
        pairs.add(word("a", .confirmed, .caller))
        pairs.add(word("c", .confirmed, .agent))
        pairs.add(word("c", .rejected, .analyst))
        pairs.add(word("d", .confirmed, .caller, answered: nil))
        pairs.add(word("b", .corrected, .caller, right: "delivery/lost"))
        #expect(
            try pairs.lines() == [
                #"{"text": "said in a", "intent": "refund/ask", "vertical": "shop"}"#,
                #"{"text": "said in b", "intent": "delivery/lost", "vertical": "shop"}"#,
            ]
        )
    }

    @Test func aWordThatCannotBeReadIsAnError() {
        var pairs = FeedbackPairs()
        pairs.add(word("a", .corrected, .analyst, right: "//"))
        #expect(throws: (any Error).self) { try pairs.lines() }
    }
}
