import Core
import Models
import Testing

/// Questions about clusters on the real model, without training: that what comes out is of the form, not that it is right.
@Suite(.timeLimit(.minutes(5)))
struct ClusterAnswerTests {
    private static let texts = [
        "where is my parcel", "track my parcel please", "i want to track a parcel", "has my parcel been sent",
    ]
    private static let words = ["parcel", "track", "delivery", "päckchen"]

    private static func question(taken: [String] = [], words: [String] = words) throws -> ClusterQuestion {
        try ClusterQuestion(
            naming: texts.map { try UtteranceText($0) },
            role: .caller,
            words: words,
            taken: taken
        )
    }

    private static func context(adapter: String? = nil, namer: String? = nil) throws -> ScorerContext {
        try ScorerContext(
            model: ScorerModel(
                path: TestModels.scorer,
                adapterPath: adapter,
                namerPath: namer,
                backend: TestModels.backend
            )
        )
    }

    private static func label(_ answer: ClusterAnswer) throws -> String {
        guard case .name(let label) = answer.value else { throw SwitchboardError(.internal, "it is no name") }
        return label
    }

    private static func score(_ context: ScorerContext) throws -> [Double] {
        try context.score(
            .asking("it broke", [("it came broken", "damaged_item")], candidates: ["damaged_item", "track_order"]),
            interruption: .none
        ).logProbabilities
    }

    @Test func aNameIsAVerbAndWordsThatWereGiven() throws {
        let context = try Self.context()
        let answer = try context.answer(Self.question(), interruption: .none)
        let parts = try Self.label(answer).split(separator: "-").map(String.init)
        #expect((2...5).contains(parts.count))
        #expect(ActionVerbs.callers.contains(try #require(parts.first)))
        #expect(parts.dropFirst().allSatisfy(Self.words.contains))
        #expect(answer.tokens > 100)
        #expect(try context.answer(Self.question(), interruption: .none) == answer)
    }

    @Test func aTakenNameGivesWayToAnother() throws {
        let context = try Self.context()
        var taken: [String] = []
        for _ in 0..<3 {
            let label = try Self.label(context.answer(Self.question(taken: taken), interruption: .none))
            #expect(!label.isEmpty && !taken.contains(label))
            taken.append(label)
        }
        let all = ActionVerbs.callers.map { "\($0)-parcel" }
        let none = try context.answer(Self.question(taken: all, words: ["parcel"]), interruption: .none)
        #expect(none.value == .name(""))
    }

    @Test func longWordsInManyTokensAreWeighedInRounds() throws {
        let words = (0..<20).map { "\(String(repeating: "ỻ", count: 20))\($0)" }
        let answer = try Self.context().answer(Self.question(words: words), interruption: .none)
        #expect(try Self.label(answer).split(separator: "-").dropFirst().allSatisfy { words.contains(String($0)) })
    }

    @Test func aJudgementIsAProbability() throws {
        let question = try ClusterQuestion(judging: Self.texts.map { try UtteranceText($0) })
        let context = try Self.context()
        guard case .good(let probability) = try context.answer(question, interruption: .none).value else {
            Issue.record("it is not judged")
            return
        }
        #expect(probability > 0 && probability < 1)
    }

    @Test func questionsAndScoresLeaveEachOtherAsTheyAre() throws {
        let context = try Self.context()
        let before = try Self.score(context)
        let alone = try Self.context().answer(Self.question(), interruption: .none)
        let between = try context.answer(Self.question(), interruption: .none)
        #expect(between == alone)
        #expect(try Self.score(context) == before)
    }

    @Test func stopsWhenToldTo() throws {
        let context = try Self.context()
        var polls = 0
        let stop = Interruption(
            serve: {},
            stopReason: {
                polls += 1
                return polls > 60 ? SwitchboardError(.deadlineExceeded, "too late") : nil
            }
        )
        let error = #expect(throws: SwitchboardError.self) { try context.answer(Self.question(), interruption: stop) }
        #expect(error?.code == .deadlineExceeded)
        let again = try context.answer(Self.question(), interruption: .none)
        let fresh = try Self.context().answer(Self.question(), interruption: .none)
        #expect(again == fresh)
    }

    @Test func anAdapterForNamesChangesJudgementsAndNoScores() throws {
        let folder = try TestModels.Folder()
        let namer = try folder.write(AdapterFile().bytes, to: "namer.gguf")
        let question = try ClusterQuestion(judging: Self.texts.map { try UtteranceText($0) })
        let plain = try Self.context()
        let named = try Self.context(namer: namer)
        #expect(try Self.score(named) == Self.score(plain))
        let answers = try [plain, named].map { try $0.answer(question, interruption: .none) }
        #expect(answers[0] != answers[1])
        let model = try ScorerModel(path: TestModels.scorer, namerPath: namer, backend: TestModels.backend)
        #expect(model.adapter == nil && model.clusterModels?.adapter != nil)
        #expect(model.clusterModels?.prompt == ClusterPrompt.id)
    }

    @Test func refusesAnAdapterThatWasTrainedForSomethingElse() throws {
        let folder = try TestModels.Folder()
        let namer = try folder.write(AdapterFile(purpose: "clusters").bytes, to: "namer.gguf")
        let scorer = try folder.write(AdapterFile(purpose: "joined").bytes, to: "scorer.gguf")
        #expect(throws: Never.self) { try Self.context(adapter: scorer, namer: namer) }
        let wrong = #expect(throws: SwitchboardError.self) { try Self.context(adapter: namer) }
        #expect(wrong?.code == .failedPrecondition && wrong?.message.contains("'clusters'") == true)
        #expect(throws: SwitchboardError.self) { try Self.context(namer: scorer) }
    }
}
