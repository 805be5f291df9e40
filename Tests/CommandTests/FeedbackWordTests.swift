import ArgumentParser
import Core
import Foundation
import SwitchboardClient
import Testing

@testable import switchboard

/// What `feedback` makes of an answer and its options.
struct FeedbackWordTests {
    private static let answer = """
        {"reply_id":"0123456789abcdef0123456789abcdef","text":"where is my parcel","outcome":"ROUTE","vertical":"shop",
        "intent":"delivery/track","intent_id":9,"score":0.8,"levels":[],"candidates":[],"evidence":[],
        "decided_by":"RETRIEVAL","attributes":{},"log_id":"fedcba9876543210fedcba9876543210","seq":12,
        "truncated":false,"timings_ms":{"queue":0,"encode":1,"search":1,"score":0,"total":2}}
        """

    private func options(_ words: [String]) throws -> FeedbackOptions {
        let command = try #require(
            try Switchboard.parseAsRoot(["feedback", "confirm"] + words) as? FeedbackConfirmCommand
        )
        return command.options
    }

    @Test func anAnswerBringsAllItSaysOfItself() throws {
        let answer = try JSONDecoder().decode(Classification.self, from: Data(Self.answer.utf8))
        let word = try options(["--reply", "-", "--source", "agent"]).word(.confirmed, answer: answer)
        #expect(word.replyID == "0123456789abcdef0123456789abcdef")
        #expect(word.answered == "delivery/track")
        #expect(word.vertical == "shop")
        #expect(word.decidedBy == .retrieval)
        #expect(word.seq == 12)
        let checked = try word.checked()
        #expect(checked.verdict == .confirmed)
        #expect(checked.source == .agent)
        #expect(AnswerFeedback(checked) == word)
    }

    @Test func optionsOverruleTheAnswer() throws {
        let answer = try JSONDecoder().decode(Classification.self, from: Data(Self.answer.utf8))
        let word = try options([
            "--reply", "-", "--source", "caller", "--vertical", "other", "--answered", "a/b", "--conversation", "c1",
        ]).word(.rejected, answer: answer)
        #expect(word.vertical == "other")
        #expect(word.answered == "a/b")
        #expect(word.conversationID == "c1")
    }

    @Test func aCorrectionNeedsTheRightIntentAndOthersMayNotHaveIt() throws {
        var word = AnswerFeedback(
            replyID: String(repeating: "a", count: 32),
            text: "hello",
            vertical: "shop",
            answered: nil,
            verdict: .corrected,
            source: .analyst
        )
        #expect(throws: (any Error).self) { try word.checked() }
        word.right = "a/b"
        #expect(try AnswerFeedback(word.checked()) == word)
        word.verdict = .confirmed
        #expect(throws: (any Error).self) { try word.checked() }
    }
}
