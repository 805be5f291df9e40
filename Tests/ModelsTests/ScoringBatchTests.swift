import Core
import Testing

@testable import Models

/// Which inputs are computed together.
struct ScoringGroupTests {
    private static func groups(_ needs: [(cells: Int, sequences: Int)]) -> [Range<Int>] {
        ScoringNeed.groups(
            needs.map { ScoringNeed(cells: $0.cells, sequences: $0.sequences) },
            within: ScoringNeed(cells: 100, sequences: 10)
        )
    }

    @Test func areThoseForWhichThereIsRoom() {
        #expect(Self.groups([]).isEmpty)
        #expect(Self.groups([(10, 1)]) == [0..<1])
        #expect(Self.groups([(50, 1), (50, 1), (1, 1)]) == [0..<2, 2..<3])
        #expect(Self.groups([(1, 6), (1, 4), (1, 1)]) == [0..<2, 2..<3])
    }

    @Test func oneThatNeedsMoreGoesAlone() {
        #expect(Self.groups([(10, 1), (500, 1), (10, 1), (10, 1)]) == [0..<1, 1..<2, 2..<4])
        #expect(Self.groups([(500, 1), (500, 1)]) == [0..<1, 1..<2])
    }
}

/// Several inputs at a time on the real model, against each by itself.
@Suite(.timeLimit(.minutes(10)))
struct ScoringBatchTests {
    private static let labelled: [(String, String)] = [
        ("where is my parcel", "orders/delivery/track_order"),
        ("my order has not come yet", "orders/delivery/late_order"),
        ("i want my money back", "orders/refund/request_refund"),
        ("has the refund gone through", "orders/refund/refund_status"),
        ("cancel that order please", "orders/cancel_order"),
        ("it came broken", "orders/damaged_item"),
    ]

    private static func input(
        _ text: String,
        pairs: Int = 6,
        turns: [Turn] = [],
        candidates: [String] = labelled.map(\.1),
    ) throws -> ScoringInput {
        try .asking(text, labelled.prefix(pairs), turns: turns, candidates: candidates)
    }

    private static func inputs() throws -> [ScoringInput] {
        [
            try input("my package is three days late"),
            try input("never mind, i do not need it any more", pairs: 2, candidates: ["orders/cancel_order", "other"]),
            try input("hello", pairs: 0, candidates: ["orders"]),
            try input("yes", turns: [Turn(role: .agent, text: UtteranceText("do you want a refund for it"))]),
        ]
    }

    /// The result of each, and how often each was told.
    private static func score(
        _ inputs: [ScoringInput],
        on context: ScorerContext,
        stopReason: @escaping (Int) -> SwitchboardError? = { _ in nil },
    ) -> (results: [Result<ScoringOutput, SwitchboardError>?], told: [Int]) {
        var results: [Result<ScoringOutput, SwitchboardError>?] = Array(repeating: nil, count: inputs.count)
        var told = Array(repeating: 0, count: inputs.count)
        context.score(
            ScoringBatch(
                inputs.enumerated().map { place, input in
                    ScoringBatch.Member(input, stopReason: { stopReason(place) }) { result in
                        results[place] = result
                        told[place] += 1
                    }
                },
                serve: {}
            )
        )
        return (results, told)
    }

    private static func expectSame(_ own: ScoringOutput, _ alone: ScoringOutput, within bound: Double) {
        #expect(own.promptTokens == alone.promptTokens)
        #expect(own.isTruncated == alone.isTruncated)
        #expect(own.logProbabilities.count == alone.logProbabilities.count)
        for (left, right) in zip(own.logProbabilities, alone.logProbabilities) {
            #expect(abs(left - right) <= bound)
        }
    }

    /// The same sums but for how llama.cpp's figures depend on a call's size, as between pieces and one pass.
    private static let bounds = [(TestModels.scorerF16, 0.01), (TestModels.scorer, 0.2)]

    @Test(arguments: bounds)
    func equalsEachByItself(path: String, bound: Double) throws {
        let context = try TestModels.scorerContext(path)
        let inputs = try Self.inputs()
        let (results, told) = Self.score(inputs, on: context)
        #expect(told == [1, 1, 1, 1])
        for (input, result) in zip(inputs, results) {
            Self.expectSame(
                try #require(result).get(),
                try context.score(input, interruption: .none),
                within: bound
            )
        }
    }

    @Test func goesInSeveralGroupsWhereThereIsTooLittleRoom() throws {
        let context = try TestModels.scorerContext(TestModels.scorer, ScorerSettings(contextTokens: 896))
        let many = (0..<40).map { "kind \($0)" }
        let inputs = try [
            Self.input("the first", candidates: many), Self.input("the second", candidates: many),
            Self.input("the third"), Self.input("the fourth"),
        ]
        let (results, told) = Self.score(inputs, on: context)
        #expect(told == [1, 1, 1, 1])
        for (input, result) in zip(inputs, results) {
            Self.expectSame(try #require(result).get(), try context.score(input, interruption: .none), within: 0.2)
        }
    }

    @Test func piecesMayBeSmallerThanPrompts() throws {
        let inputs = try Self.inputs()
        let (results, _) = Self.score(
            inputs,
            on: try TestModels.scorerContext(TestModels.scorer, ScorerSettings(pieceTokens: 50))
        )
        let whole = try TestModels.scorerContext(TestModels.scorer)
        for (input, result) in zip(inputs, results) {
            Self.expectSame(try #require(result).get(), try whole.score(input, interruption: .none), within: 0.2)
        }
    }

    @Test(arguments: [0, 1, 3])
    func oneThatIsStoppedHurtsNoOther(stopped: Int) throws {
        let context = try TestModels.scorerContext(TestModels.scorer)
        let inputs = try Self.inputs()
        var polls = 0
        let (results, told) = Self.score(inputs, on: context) { member in
            guard member == stopped else { return nil }
            polls += 1
            return polls > 60 ? SwitchboardError(.cancelled, "not wanted any more") : nil
        }
        #expect(told == [1, 1, 1, 1])
        #expect(polls == 61)
        for (place, (input, result)) in zip(inputs, results).enumerated() {
            let result = try #require(result)
            if place == stopped {
                #expect(throws: SwitchboardError.self) { try result.get() }
            } else {
                Self.expectSame(try result.get(), try context.score(input, interruption: .none), within: 0.2)
            }
        }
    }

    @Test func stopsBetweenOperationsOnceNobodyWantsIt() throws {
        let context = try TestModels.scorerContext(TestModels.scorer)
        let inputs = try Self.inputs()
        var polls = 0
        let (results, told) = Self.score(inputs, on: context) { member in
            polls += 1
            guard polls > 200 else { return nil }
            return SwitchboardError(member == 0 ? .deadlineExceeded : .cancelled, "too late")
        }
        #expect(told == [1, 1, 1, 1])
        // Stopped long before the end: each has its own reason.
        #expect(polls <= 204)
        let codes = results.map { result -> StatusCode? in
            if case .failure(let error) = result { error.code } else { nil }
        }
        #expect(codes == [.deadlineExceeded, .cancelled, .cancelled, .cancelled])
        let again = try context.score(inputs[0], interruption: .none)
        let fresh = try TestModels.scorerContext(TestModels.scorer).score(inputs[0], interruption: .none)
        #expect(again == fresh)
    }

    @Test func oneThatIsRefusedHurtsNoOther() throws {
        let context = try TestModels.scorerContext(TestModels.scorer)
        let inputs = try [Self.input("nothing to choose from", candidates: []), Self.input("cancel it", pairs: 1)]
        let (results, told) = Self.score(inputs, on: context)
        #expect(told == [1, 1])
        let refused = try #require(results[0])
        let error = #expect(throws: SwitchboardError.self) { try refused.get() }
        #expect(error?.code == .invalidArgument)
        let beside = try #require(results[1]).get()
        let alone = try context.score(inputs[1], interruption: .none)
        #expect(beside == alone)
    }

    /// The way of REIC's paper gives the same scores.
    @Test func agreesWithFullSequencesInOneBatch() throws {
        let model = try ScorerModel(path: TestModels.scorerF16, backend: TestModels.backend)
        let context = try ScorerContext(model: model, outputs: 128)
        let input = try Self.input("my package is three days late")
        let paper = try context.scoreInOneBatch(input)
        Self.expectSame(try context.score(input, interruption: .none), paper, within: 0.01)
        let error = #expect(throws: SwitchboardError.self) {
            try context.scoreInOneBatch(Self.input("too many", candidates: (0..<64).map { "some intent number \($0)" }))
        }
        #expect(error?.code == .invalidArgument)
    }
}
