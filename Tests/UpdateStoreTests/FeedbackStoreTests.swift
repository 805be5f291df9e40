import Core
import Testing

@testable import UpdateStore

@Suite(.timeLimit(.minutes(1))) struct FeedbackStoreTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func open() throws -> FeedbackStore {
        try FeedbackStore(in: DataDirectory(folder.path), now: { 1_700_000_000_000_000 })
    }

    private func word(
        _ reply: UInt8,
        _ source: FeedbackSource = .caller,
        _ verdict: Verdict = .confirmed,
        vertical: Vertical = .default,
    ) throws -> Feedback {
        Feedback(
            replyID: Bits128(UInt128(reply)),
            text: try UtteranceText("where is it \(reply)"),
            vertical: vertical,
            answeredIntent: try IntentPath("orders/late"),
            verdict: verdict,
            source: source,
            conversationID: [1, 0, 2],
            outcome: .clarify,
            probability: 0.25,
            decidedBy: .degraded,
            position: LogPosition(log: Bits128(77), sequence: LogSequence(5)),
            origin: [9],
        )
    }

    @Test func givesBackWhatItWasGivenAfterReopening() async throws {
        let full = try word(1, .agent, .corrected(try IntentPath("orders/lost")))
        let bare = Feedback(
            replyID: Bits128(2),
            text: try UtteranceText("x"),
            vertical: try Vertical("v"),
            answeredIntent: nil,
            verdict: .rejected,
            source: .analyst
        )
        var store = try open()
        #expect(try await !store.add(full))
        #expect(try await !store.add(bare))
        try await store.close()
        store = try open()
        let list = try await store.list()
        #expect(list.map(\.feedback) == [full, bare])
        #expect(list.allSatisfy { $0.timeMicroseconds == 1_700_000_000_000_000 })
    }

    @Test func theLatestOfASourceReplacesItsEarlierOne() async throws {
        let store = try open()
        #expect(try await !store.add(try word(1)))
        #expect(try await !store.add(try word(1, .agent, .rejected)))
        #expect(try await store.add(try word(1, .caller, .rejected)))
        #expect(try await store.counts() == FeedbackCounts(total: 2, callers: 1, confirmedByCallers: 0))
        let list = try await store.list()
        #expect(list.map(\.feedback.source) == [.agent, .caller])
        #expect(list.map(\.number) == [2, 3])
        // Who has read up to the second gets the replacement.
        #expect(try await store.list(after: 2).map(\.feedback.verdict) == [.rejected])
    }

    @Test func countsCallersAlone() async throws {
        let store = try open()
        #expect(try await store.counts().positiveResponseRate == nil)
        let other = try Vertical("v")
        for reply in 1...4 as ClosedRange<UInt8> { _ = try await store.add(try word(reply)) }
        _ = try await store.add(try word(5, .caller, .rejected, vertical: other))
        _ = try await store.add(try word(6, .analyst))
        let counts = try await store.counts()
        #expect(counts == FeedbackCounts(total: 6, callers: 5, confirmedByCallers: 4))
        #expect(counts.positiveResponseRate == 0.8)
        #expect(try await store.counts(of: other) == FeedbackCounts(total: 1, callers: 1, confirmedByCallers: 0))
    }

    @Test func pagesInOrder() async throws {
        let store = try open()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for reply in 1...50 as ClosedRange<UInt8> { group.addTask { _ = try await store.add(try word(reply)) } }
            try await group.waitForAll()
        }
        var numbers: [UInt64] = []
        while true {
            let page = try await store.list(after: numbers.last ?? 0, limit: 7)
            if page.isEmpty { break }
            numbers += page.map(\.number)
        }
        #expect(numbers == Array(1...50))
    }
}
