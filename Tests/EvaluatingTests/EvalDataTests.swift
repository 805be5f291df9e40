import Core
import Datasets
import Evaluating
import Testing

struct EvalDataTests {
    private func row(
        _ text: String,
        _ path: String?,
        vertical: String? = nil,
        role: SpeakerRole? = nil,
        conversation: String? = nil,
        isOutOfScope: Bool = false,
        file: String = "",
    ) throws -> LabelledUtterance {
        LabelledUtterance(
            text: try UtteranceText(text),
            path: try path.map { try IntentPath($0) },
            vertical: try vertical.map { try Vertical($0) },
            role: role,
            conversation: conversation,
            isOutOfScope: isOutOfScope,
            file: file,
        )
    }

    @Test func outOfScopeRowsGoWhereTheyBelong() throws {
        let data = EvalData(
            train: [try row("one", "a"), try row("two", "oos", isOutOfScope: true)],
            valid: [try row("three", "a"), try row("four", "oos", isOutOfScope: true)],
            test: [try row("five", "a"), try row("six", "oos", isOutOfScope: true)],
            outOfScope: [try row("seven", nil)],
        )
        #expect(data.train.map(\.text.value) == ["one"])
        #expect(data.valid.map(\.text.value) == ["three"])
        #expect(data.test.map(\.text.value) == ["five"])
        #expect(data.outOfScopeValid.map(\.value) == ["four"])
        #expect(data.outOfScope.map(\.value) == ["six", "seven"])
        #expect(data.notes.contains { $0.contains("1 out-of-scope rows") })
    }

    @Test func rowsWithoutAVerticalAreOfTheDefaultOne() throws {
        let data = EvalData(
            train: [try row("one", "a"), try row("two", "a", vertical: "bank")],
            test: [try row("three", "a")]
        )
        #expect(data.verticals.map(\.name) == ["bank", "default"])
        #expect(data.test.map(\.gold.vertical) == [.default])
    }

    @Test func agentsAreLeftOut() throws {
        let data = EvalData(
            train: [try row("one", "a", role: .agent), try row("two", "a", role: .caller)],
            test: [try row("x", "a")]
        )
        #expect(data.train.map(\.text.value) == ["two"])
    }

    @Test func testTextsThatAreLearntAreTold() throws {
        let data = EvalData(train: [try row("one", "a")], test: [try row("one", "a"), try row("two", "b")])
        #expect(data.notes.contains { $0.hasPrefix("1 test texts stand in the train") })
        #expect(data.notes.contains { $0.hasPrefix("1 intents of the test data have no exemplar") })
    }

    @Test func anUtteranceComesWithTheTurnsBeforeIt() throws {
        let rows = [
            try row("hello", nil, conversation: "1"),
            try row("no part in it", "a"),
            try row("another hello", nil, conversation: "2"),
            try row("how can i help", nil, role: .agent, conversation: "1"),
            try row("it is late", "a", conversation: "1"),
            try row("cancel it", "b", conversation: "1"),
            try row("the same id elsewhere", "b", conversation: "1", file: "other"),
        ]
        let texts = { (turns: Int) in
            EvalData(train: [], test: rows, turns: turns).test.map { $0.turns.map(\.text.value) }
        }
        #expect(texts(2) == [[], ["hello", "how can i help"], ["how can i help", "it is late"], []])
        #expect(texts(1) == [[], ["how can i help"], ["it is late"], []])
        #expect(texts(0) == [[], [], [], []])
        let roles = EvalData(train: [], test: rows, turns: 2).test[1].turns.map(\.role)
        #expect(roles == [.caller, .agent])
    }

    @Test func aMissingFileIsNamed() throws {
        #expect(throws: DatasetError.self) {
            try EvalData(reading: EvalFiles(train: ["/nowhere/train.jsonl"], test: ["/nowhere/test.jsonl"]))
        }
    }
}
