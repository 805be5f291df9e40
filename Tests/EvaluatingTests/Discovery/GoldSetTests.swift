import Core
import Datasets
import Discovering
import Testing

@testable import Evaluating

struct GoldSetTests {
    @Test func equalTextsAreOneUtteranceAndAsManyRows() throws {
        let set = GoldSet([
            try Planted.row("lost my card", "lost-card"), try Planted.row("hello", "greeting"),
            try Planted.row("lost my card", "lost-card"), try Planted.row("lost my card", "block-card"),
            try Planted.row("lost my card", "lost-card", vertical: "other"),
        ])
        #expect(set.utterances.map(\.text.value) == ["lost my card", "hello", "lost my card"])
        #expect(set.utterances.map(\.calls) == [3, 1, 1])
        #expect(set.rows.map(\.utterance) == [0, 1, 0, 0, 2])
        let label = try Planted.label("lost-card")
        #expect(set.labels[0] == label)
        // A label of another vertical is another label.
        #expect(set.goldCount == 4)
    }

    @Test func agentsTurnsAreLeftOutUnlessRolesAreKept() throws {
        let rows = [
            try Planted.row("my card is lost", "lost-card", role: .caller, conversation: "1"),
            try Planted.row("may I have your name", "ask-name", role: .agent, conversation: "1"),
            try Planted.row("it is Ann", nil, role: .caller, conversation: "1"),
        ]
        let callers = GoldSet(rows)
        #expect(callers.utterances.map(\.role) == [nil, nil])
        // The agent's turn counts as one all the same.
        #expect(callers.utterances.map { $0.places.map(\.turn) } == [[0], [2]])
        #expect(callers.rows.map { $0.gold == nil } == [false, true])
        let both = GoldSet(rows, keepsRoles: true)
        #expect(both.utterances.map(\.role) == [.caller, .agent, .caller])
    }

    @Test func aSampleIsDrawnBySeedAndKeepsTheOrder() throws {
        let rows = try (0..<100).map { try Planted.row("text \($0)", "a") }
        let drawn = GoldSet(rows, sample: 10, seed: 3)
        #expect(drawn.rows.count == 10)
        let numbers = drawn.utterances.compactMap { Int($0.text.value.dropFirst(5)) }
        #expect(numbers == numbers.sorted())
        #expect(GoldSet(rows, sample: 10, seed: 3).utterances == drawn.utterances)
        #expect(GoldSet(rows, sample: 10, seed: 4).utterances != drawn.utterances)
        #expect(GoldSet(rows, sample: 1_000).rows.count == 100)
    }
}
