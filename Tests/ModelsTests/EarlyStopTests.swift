import Core
import Testing

@testable import Models

/// Candidates that cannot lead any more, told from their first tokens.
struct EarlyStopTaskTests {
    private static func task(_ candidates: [[Int32]], headStarts: [Double]) throws -> ScoringTask {
        let input = try ScoringInput(text: UtteranceText("hello"), pairs: [], candidates: [IntentPath("a")])
        let settings = ScorerSettings()
        // One token a character is as good as any other.
        let prompt = try PromptTokens(input, settings: settings) { text throws(SwitchboardError) in
            text.unicodeScalars.map { Int32($0.value) }
        }
        return ScoringTask(
            member: 0,
            prompt: prompt,
            layout: PromptLayout(prompt, form: settings.form, prefix: 0),
            candidates: candidates,
            headStarts: headStarts
        )
    }

    @Test func withoutHeadStartsAllAreComputedAtOnce() throws {
        var task = try Self.task([[1, 9], [2, 9], [3, 9]], headStarts: [])
        task.begin(with: [-9, -0.1, -9])
        #expect(task.nextTrie(in: 100).questions.count == 3)
        task.scores = [-5]
        task.settle()
        #expect(task.scores == [-5])
        #expect(task.nextTrie(in: 100).questions.count == 2)
    }

    @Test func theLikeliestGoesFirstAndMayBeAllThereIsToCompute() throws {
        var task = try Self.task([[1, 9], [2, 9], [3, 4, 9]], headStarts: [0, 0, 0])
        task.begin(with: [-8, -0.2, -6])
        // At most -4, -0.1 and -2.
        #expect(task.candidates == [[2, 9], [3, 4, 9], [1, 9]])
        #expect(task.nextTrie(in: 100).questions.count == 1)
        task.scores = [-1]
        task.settle()
        #expect(task.isScored)
        #expect(task.logProbabilities == [-4, -1, -2])
    }

    @Test func whoMayStillLeadIsComputed() throws {
        var task = try Self.task([[1, 9], [2, 9], [3, 9]], headStarts: [0, 1, -9])
        task.begin(with: [-1, -4, -1])
        // At most -0.5, -1 and -9.5.
        #expect(task.candidates == [[1, 9], [2, 9], [3, 9]])
        task.scores = [-3]
        task.settle()
        #expect(!task.isScored)
        // The third cannot reach -3.
        #expect(task.nextTrie(in: 100).questions.count == 1)
        task.scores.append(-2.5)
        task.settle()
        #expect(task.logProbabilities == [-3, -2.5, -0.5])
    }
}

/// The same on the real model: who leads stays who it is.
@Suite(.timeLimit(.minutes(10)))
struct EarlyStopTests {
    private static let labelled: [(String, String)] = [
        ("where is my parcel", "orders/delivery/track_order"),
        ("my order has not come yet", "orders/delivery/late_order"),
        ("i want my money back", "orders/refund/request_refund"),
        ("cancel that order please", "orders/cancel_order"),
    ]

    @Test func theLeaderIsTheSameAndNobodyIsBelowHisOwnScore() throws {
        let context = try TestModels.scorerContext(TestModels.scorer)
        for headStarts in [[0, 0, 0, 0], [-5, 0, -5, -5], [2, -1, -30, 0]] as [[Double]] {
            var input = try ScoringInput.asking(
                "my package is three days late",
                Self.labelled,
                candidates: Self.labelled.map(\.1)
            )
            let all = try context.score(input, interruption: .none).logProbabilities
            input.headStarts = headStarts
            let some = try context.score(input, interruption: .none).logProbabilities
            func leader(_ scores: [Double]) -> Int? {
                scores.indices.max { scores[$0] + headStarts[$0] < scores[$1] + headStarts[$1] }
            }
            #expect(leader(some) == leader(all))
            // On 8-bit weights llama.cpp rounds otherwise where tokens are cut into other pieces.
            #expect(zip(some, all).allSatisfy { $0 > $1 - 0.2 && $0 <= 0 })
        }
    }

    @Test func headStartsAreForAllOrNone() throws {
        let context = try TestModels.scorerContext(TestModels.scorer)
        for headStarts in [[0], [0, 0, 0, 0, 0], [0, 0, 0, .infinity]] as [[Double]] {
            var input = try ScoringInput.asking("hello", Self.labelled, candidates: Self.labelled.map(\.1))
            input.headStarts = headStarts
            let error = #expect(throws: SwitchboardError.self) { try context.score(input, interruption: .none) }
            #expect(error?.code == .invalidArgument)
        }
    }
}
