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

    @Test func drawsSoManyOfEachIntentBySeed() throws {
        let rows = try (0..<30).map { try row("text \($0)", $0 < 20 ? "often" : "seldom") }
        let data = EvalData(train: rows + [try row("alone", "once")], test: [try row("x", "often")])
        let drawn = data.drawing(perIntent: 5, seed: 1)
        let counts = Dictionary(grouping: drawn.train, by: \.gold.path.description).mapValues(\.count)
        #expect(counts == ["often": 5, "seldom": 5, "once": 1])
        #expect(drawn.train == data.train.filter { drawn.train.contains($0) })
        #expect(drawn.train == data.drawing(perIntent: 5, seed: 1).train)
        #expect(drawn.train != data.drawing(perIntent: 5, seed: 2).train)
        #expect(drawn.test == data.test)
        #expect(drawn.notes.contains("11 of 31 train utterances were drawn, at most 5 an intent"))
    }

    @Test func heldOutIntentsAreStrangers() throws {
        let intents = (0..<9).map { "i\($0)" }
        let rows = try intents.flatMap { intent in try (0..<3).map { try row("\(intent) text \($0)", intent) } }
        let data = EvalData(
            train: rows,
            valid: try intents.map { try row("valid \($0)", $0) },
            test: try intents.map { try row("test \($0)", $0) },
            outOfScope: [try row("weather", nil)]
        )
        let held = try data.holdingOut(1.0 / 3, seed: 1)
        let kept = Set(held.train.map(\.gold))
        #expect(kept.count == 6 && held.train.count == 18)
        #expect(Set(held.valid.map(\.gold)) == kept && Set(held.test.map(\.gold)) == kept)
        #expect(held.outOfScope.count == 4 && held.outOfScope[0].value == "weather")
        let strangers = Set(held.outOfScope.dropFirst().map(\.value))
        #expect(strangers.isDisjoint(with: held.test.map(\.text.value)))
        #expect(held.outOfScopeValid.isEmpty)
        #expect(held.notes.contains { $0.hasPrefix("3 of 9 intents are held out; 3 test utterances") })
        #expect(held.train == (try data.holdingOut(1.0 / 3, seed: 1)).train)
        #expect(try (2...4).contains { Set(try data.holdingOut(1.0 / 3, seed: $0).train.map(\.gold)) != kept })
    }

    @Test(arguments: [0, 0.05, 0.96, 1, .nan]) func someIntentsAreHeldOutAndSomeAreNot(_ share: Double) throws {
        let rows = try (0..<9).map { try row("text \($0)", "i\($0)") }
        let data = EvalData(train: rows, test: rows)
        #expect(throws: SwitchboardError.self) { try data.holdingOut(share, seed: 1) }
    }

    @Test func aMissingFileIsNamed() throws {
        #expect(throws: DatasetError.self) {
            try EvalData(reading: EvalFiles(train: ["/nowhere/train.jsonl"], test: ["/nowhere/test.jsonl"]))
        }
    }
}
