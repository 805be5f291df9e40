import Core
import Routing
import Testing
import Wire

struct PoolEntryTests {
    private static func request(
        id: String = "",
        conversation: String = "",
        verticals: [String] = [],
        turns: [Turn] = [],
        isPartial: Bool = false,
        doNotStore: Bool = false,
    ) throws -> ClassifyRequest {
        ClassifyRequest(
            text: try UtteranceText("where is it"),
            verticals: try verticals.map { try Vertical($0) },
            requestID: Array(id.utf8),
            conversationID: Array(conversation.utf8),
            origin: [7],
            turns: turns,
            isPartial: isPartial,
            doNotStore: doNotStore
        )
    }

    private static func reply(
        _ outcome: Outcome,
        probability: Double? = nil,
        vertical: String? = nil,
        searched: [String] = [],
    ) throws -> ClassifyResponse {
        ClassifyResponse(
            replyID: Bits128(9),
            text: "where is it",
            outcome: outcome,
            vertical: try vertical.map { try Vertical($0) },
            probability: probability,
            decidedBy: .retrieval,
            position: LogPosition(log: LogID(1), sequence: LogSequence(1)),
            verticals: try searched.map { try Vertical($0) }
        )
    }

    private static func entries(_ request: ClassifyRequest, _ reply: ClassifyResponse) -> [PoolEntry] {
        PoolEntry.entries(of: request, answered: reply, under: PoolRule(), at: 1_000)
    }

    @Test func whatIsExplainedOrNotToBeKeptStaysOut() throws {
        #expect(Self.entries(try Self.request(), try Self.reply(.route, probability: 0.9)).isEmpty)
        #expect(Self.entries(try Self.request(doNotStore: true), try Self.reply(.unknown)).isEmpty)
        #expect(Self.entries(try Self.request(isPartial: true), try Self.reply(.unknown)).isEmpty)
    }

    @Test func theCallersTurnCarriesTheIdOfTheRequestOrTheReply() throws {
        let entry = try #require(Self.entries(try Self.request(id: "r"), try Self.reply(.clarify)).first)
        #expect(entry.requestID == Array("r".utf8) && entry.role == .caller && entry.reason == .clarify)
        #expect(entry.origin == [7] && entry.timeMicroseconds == 1_000)
        let other = Self.entries(try Self.request(), try Self.reply(.route, probability: 0.1))
        #expect(other.map(\.requestID) == [Bits128(9).bytes])
        #expect(other.map(\.reason) == [.unsure])
    }

    @Test func earlierTurnsGoAlongInOrderWhereTheConversationIsNamed() throws {
        let turns = try (0..<30).map { index in
            Turn(role: index.isMultiple(of: 2) ? .agent : .caller, text: try UtteranceText("turn \(index)"))
        }
        #expect(Self.entries(try Self.request(turns: turns), try Self.reply(.unknown)).count == 1)
        let entries = Self.entries(try Self.request(conversation: "c", turns: turns), try Self.reply(.unknown))
        #expect(entries.count == PoolEntry.maximumTurns + 1)
        #expect(entries.first?.text.value == "turn 10" && entries.first?.role == .agent)
        #expect(entries.dropLast().allSatisfy { $0.requestID.isEmpty && $0.conversationID == Array("c".utf8) })
        #expect(entries.map(\.timeMicroseconds) == Array(980...1_000))
    }

    @Test func theVerticalIsTheOneAskedForOrTheLeaders() throws {
        func vertical(_ request: ClassifyRequest, _ reply: ClassifyResponse) -> String? {
            Self.entries(request, reply).first?.vertical.name
        }
        #expect(vertical(try Self.request(verticals: ["a"]), try Self.reply(.unknown, vertical: "b")) == "a")
        #expect(vertical(try Self.request(verticals: ["a", "b"]), try Self.reply(.unknown, vertical: "b")) == "b")
        #expect(vertical(try Self.request(), try Self.reply(.unknown, searched: ["c", "d"])) == "c")
        #expect(vertical(try Self.request(), try Self.reply(.unknown)) == "default")
    }

    @Test func feedbackThatSaysItWasWrongGoesIn() throws {
        func feedback(_ verdict: Verdict) throws -> Feedback {
            Feedback(
                replyID: Bits128(5),
                text: try UtteranceText("late"),
                vertical: .default,
                answeredIntent: nil,
                verdict: verdict,
                source: .agent,
                conversationID: [1]
            )
        }
        #expect(PoolEntry(of: try feedback(.confirmed), at: 1) == nil)
        for verdict in [Verdict.rejected, .corrected(try IntentPath("x"))] {
            let entry = try #require(PoolEntry(of: try feedback(verdict), at: 1))
            #expect(entry.reason == .corrected && entry.requestID == Bits128(5).bytes && entry.conversationID == [1])
        }
    }
}
