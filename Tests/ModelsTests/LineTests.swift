import Core
import Testing

@testable import Models

/// Where the tokens of a prompt lie.
struct PromptLayoutTests {
    private static func prompt(_ pairs: [(String, String)]) throws -> PromptTokens {
        let input = try ScoringInput.asking("where is it", pairs, candidates: ["a"])
        return try PromptTokens(input, settings: ScorerSettings()) { text throws(SwitchboardError) in
            text.unicodeScalars.map { Int32($0.value) }
        }
    }

    private static let prefix = Prompt.instruction.unicodeScalars.count

    @Test func linesAreThePairs() throws {
        let prompt = try Self.prompt([("one", "a"), ("number two", "b/c")])
        let words = prompt.lines.map { range in
            String(String.UnicodeScalarView(prompt.tokens[range].compactMap { Unicode.Scalar(UInt32($0)) }))
        }
        #expect(words == ["number two -> b / c\n", "one -> a\n"])
    }

    @Test func joinedLinesFollowEachOther() throws {
        let prompt = try Self.prompt([("one", "a"), ("number two", "b")])
        let layout = PromptLayout(prompt, form: .joined, prefix: Self.prefix)
        #expect(layout.lines.isEmpty)
        #expect(layout.rest == Self.prefix..<prompt.tokens.count)
        #expect(layout.end == prompt.tokens.count)
        #expect(layout.position(of: Self.prefix + 3) == Self.prefix + 3)
    }

    @Test func whatFollowsLinesApartBeginsBehindTheLongest() throws {
        let prompt = try Self.prompt([("one", "a"), ("number two", "b")])
        let layout = PromptLayout(prompt, form: .apart, prefix: Self.prefix)
        let longest = "number two -> b\n".unicodeScalars.count
        #expect(layout.lines == prompt.lines)
        #expect(layout.rest.count == "where is it ->".unicodeScalars.count)
        #expect(layout.position(of: layout.rest.lowerBound) == Self.prefix + longest)
        #expect(layout.end == Self.prefix + longest + layout.rest.count)
        let alone = PromptLayout(try Self.prompt([]), form: .apart, prefix: Self.prefix)
        #expect(alone.lines.isEmpty && alone.restPosition == Self.prefix)
    }

    @Test func eachFormHasItsOwnID() {
        #expect(PromptForm.joined.id == Prompt.id)
        #expect(PromptForm.apart.id != Prompt.id)
    }
}

/// What is kept of lines.
struct LineCacheTests {
    private static func state(_ byte: UInt8, _ count: Int = 100) -> [UInt8] { Array(repeating: byte, count: count) }

    @Test func givesBackWhatWasKept() {
        let cache = LineCache(limit: 1_000)
        #expect(cache.state(of: [1, 2]) == nil)
        cache.keep(Self.state(7), of: [1, 2])
        cache.keep(Self.state(8), of: [1, 2, 3])
        #expect(cache.state(of: [1, 2]) == Self.state(7))
        #expect(cache.state(of: [1, 2, 3]) == Self.state(8))
        #expect(cache.counts == (found: 2, missed: 1))
        cache.keep(Self.state(9, 50), of: [1, 2])
        #expect(cache.bytes == 150)
    }

    @Test func thoseThatWereNotAskedForLongestMakeRoom() {
        let cache = LineCache(limit: 1_000)
        for line in 0..<10 { cache.keep(Self.state(UInt8(line)), of: [Int32(line)]) }
        _ = cache.state(of: [0])
        cache.keep(Self.state(10), of: [10])
        #expect(cache.bytes <= 1_000)
        #expect(cache.state(of: [0]) != nil)
        #expect(cache.state(of: [1]) == nil)
        #expect(cache.state(of: [10]) != nil)
    }

    @Test func whatIsTooLargeIsNotKept() {
        let cache = LineCache(limit: 99)
        cache.keep(Self.state(1), of: [1])
        #expect(cache.bytes == 0)
        #expect(cache.state(of: [1]) == nil)
    }
}

/// Lines apart on the real model.
@Suite(.timeLimit(.minutes(10)))
struct LinesApartTests {
    private static let labelled: [(String, String)] = [
        ("where is my parcel", "orders/track"), ("my order has not come yet", "orders/late"),
        ("i want my money back", "refund/request"), ("has the refund gone through", "refund/status"),
        ("cancel that order please", "orders/cancel"), ("it came broken", "orders/damaged"),
    ]

    private static func model(cacheBytes: Int = 64 << 20, pieceTokens: Int = 256) throws -> ScorerModel {
        try ScorerModel(
            path: TestModels.scorerF16,
            settings: ScorerSettings(pieceTokens: pieceTokens, form: .apart, lineCacheBytes: cacheBytes),
            backend: TestModels.backend
        )
    }

    private static func input(_ pairs: [(String, String)]) throws -> ScoringInput {
        try .asking("my package is three days late", pairs, candidates: labelled.map(\.1))
    }

    private static func isClose(_ left: ScoringOutput, _ right: ScoringOutput) -> Bool {
        zip(left.logProbabilities, right.logProbabilities).allSatisfy { abs($0 - $1) < 0.01 }
    }

    @Test func whatIsKeptSaysTheSame() throws {
        let model = try Self.model()
        let context = try ScorerContext(model: model)
        let input = try Self.input(Self.labelled)
        let cold = try context.score(input, interruption: .none)
        #expect(model.lines.counts == (found: 0, missed: 6))
        let warm = try context.score(input, interruption: .none)
        #expect(model.lines.counts == (found: 6, missed: 6))
        #expect(Self.isClose(cold, warm))
        // Another thread's context takes it over too.
        let other = try ScorerContext(model: model).score(input, interruption: .none)
        #expect(model.lines.counts == (found: 12, missed: 6))
        #expect(Self.isClose(cold, other))
        #expect(try ScorerContext(model: Self.model(cacheBytes: 0)).score(input, interruption: .none) == cold)
    }

    @Test func theirOrderSaysNothingAndTheirWordsDo() throws {
        let context = try ScorerContext(model: Self.model())
        let forward = try context.score(try Self.input(Self.labelled), interruption: .none)
        let backward = try context.score(try Self.input(Self.labelled.reversed()), interruption: .none)
        #expect(Self.isClose(forward, backward))
        let fewer = try context.score(try Self.input(Array(Self.labelled.prefix(1))), interruption: .none)
        #expect(!Self.isClose(forward, fewer))
    }

    @Test func aLineOfManyTokensIsComputedInPieces() throws {
        let long = Array(repeating: "and the courier came again", count: 30).joined(separator: " ")
        let pairs = Self.labelled + [(long, "orders/late")]
        let whole = try ScorerContext(model: Self.model()).score(try Self.input(pairs), interruption: .none)
        let pieces = try ScorerContext(model: Self.model(pieceTokens: 64)).score(
            try Self.input(pairs),
            interruption: .none
        )
        #expect(Self.isClose(whole, pieces))
    }

    @Test func thereIsNoPlainWay() throws {
        let context = try ScorerContext(model: Self.model())
        #expect(throws: SwitchboardError.self) { try context.scoreOneByOne(try Self.input(Self.labelled)) }
    }
}
