import Calls
import Core
import Foundation
import Node
import SwitchboardClient
import Testing
import Wire

/// A node that learns from feedback.
@Suite struct LearningTests {
    private static func feedback(
        _ text: String,
        _ verdict: Verdict,
        _ source: FeedbackSource,
        answered: String? = nil,
    ) throws -> Feedback {
        Feedback(
            replyID: .random(),
            text: try UtteranceText(text),
            vertical: try Vertical("shop"),
            answeredIntent: try answered.map { path in try IntentPath(path) },
            verdict: verdict,
            source: source
        )
    }

    @Test func whatAnAgentCorrectsIsKnownAtOnce() async throws {
        let fixture = try await NodeFixture { $0.learnsFrom = .agent }
        _ = try await fixture.add(NodeFixture.pairs)
        let text = "the kettle you sent me leaks"
        func say(_ feedback: Feedback) async throws -> FeedbackResponse {
            try await fixture.client.gateway.call(Methods.feedback, feedback)
        }
        let refund = try IntentPath("refund/ask")
        let learnt = try await say(Self.feedback(text, .corrected(refund), .agent)).learnt
        let position = try #require(learnt)
        let reply = try await fixture.client.gateway.call(
            Methods.classify,
            ClassifyRequest(text: UtteranceText(text), minPosition: position)
        )
        #expect(reply.decidedBy == .exact)
        #expect(reply.intent == refund)

        // A caller's word is stored and no more; an intent that nobody knows is not made; nothing follows from a no.
        let tracking = try IntentPath("delivery/track")
        #expect(try await say(Self.feedback(text, .corrected(tracking), .caller)).learnt == nil)
        #expect(try await say(Self.feedback(text, .corrected(IntentPath("never/heard")), .analyst)).learnt == nil)
        #expect(try await say(Self.feedback(text, .rejected, .analyst, answered: "refund/ask")).learnt == nil)
        let stats = try await fixture.client.updater.call(Methods.stats, StatsRequest())
        #expect(stats.verticals.reduce(0) { $0 + $1.exemplars } == NodeFixture.pairs.count + 1)
        await fixture.stop()
    }

    @Test func anotherNodeLearnsNothing() async throws {
        let fixture = try await NodeFixture()
        _ = try await fixture.add(NodeFixture.pairs)
        let word = try Self.feedback("it leaks", .confirmed, .analyst, answered: "refund/ask")
        #expect(try await fixture.client.gateway.call(Methods.feedback, word).learnt == nil)
        await fixture.stop()
    }
}
