import Core
import Testing

@testable import Models

@Suite struct NameSearchTests {
    private static let form = NameForm(
        verbs: ["cancel", "track", "check", "report"],
        words: ["order", "parcel", "late"],
        taken: []
    )

    /// A toy of a language model: what each word costs, and the end of the line.
    private static let costs = [
        "cancel": -1.0, "track": -2.0, "check": -4.0, "report": -9.0, "order": -0.5, "parcel": -1.5, "late": -2.5,
    ]

    private static func figure(_ words: [String], isWhole: Bool) -> Double {
        words.reduce(isWhole ? -0.25 : 0) { $0 + (costs[$1] ?? -100) }
    }

    /// - Returns: the name, and what each round asked.
    private static func run(
        _ form: NameForm,
        _ figure: ([String], Bool) -> Double = { NameSearchTests.figure($0, isWhole: $1) },
    ) -> (label: String, rounds: [[NameSearch.Ending]]) {
        var search = NameSearch(form)
        var rounds: [[NameSearch.Ending]] = []
        while !search.asked.isEmpty {
            rounds.append(search.asked)
            search.take(search.asked.map { figure($0.words, $0.isWhole) })
        }
        return (search.label, rounds)
    }

    @Test func theLikeliestNameComesOut() {
        let (label, rounds) = Self.run(Self.form)
        #expect(label == "cancel-order")
        #expect(rounds[0].map(\.words) == [["cancel"], ["track"], ["check"], ["report"]])
        // Three verbs go on, each with each word.
        #expect(rounds[1].count == 9 && rounds[1].allSatisfy { !$0.isWhole && $0.words.count == 2 })
        // Nothing unfinished is above the best whole name after that.
        #expect(rounds.count == 3)
    }

    @Test func aVerbAloneIsNoNameAndNoWordComesTwice() {
        let rounds = Self.run(Self.form).rounds.joined()
        #expect(rounds.filter(\.isWhole).allSatisfy { $0.words.count > 1 })
        #expect(rounds.allSatisfy { Set($0.words).count == $0.words.count })
    }

    @Test func takenNamesDoNotComeOut() {
        var form = Self.form
        form = NameForm(verbs: form.verbs, words: form.words, taken: ["cancel-order", "cancel-parcel"])
        #expect(Self.run(form).label == "track-order")
    }

    @Test func aLongerNameWinsWhereTheModelWantsIt() {
        // The end of the line is dear before three words.
        let label = Self.run(Self.form) { words, isWhole in
            Self.figure(words, isWhole: false) - (isWhole && words.count < 3 ? 50 : 0)
        }.label
        #expect(label == "cancel-order-parcel")
    }

    @Test func namesEndAfterFourWordsOfTheObjective() {
        let form = NameForm(verbs: ["cancel"], words: ["a", "b", "c", "d", "e", "f"], taken: [])
        let (label, rounds) = Self.run(form) { words, isWhole in isWhole ? -Double(10 - words.count) : -0.1 }
        #expect(label.split(separator: "-").count == 5)
        #expect(rounds.joined().allSatisfy { $0.words.count <= 5 })
    }

    @Test func whereAllIsTakenTheNameIsEmpty() {
        let form = NameForm(verbs: ["cancel", "track"], words: ["order"], taken: ["cancel-order", "track-order"])
        #expect(Self.run(form).label.isEmpty)
    }

    @Test func equalFiguresCountInTheirOrder() {
        #expect(Self.run(Self.form) { words, _ in -Double(words.count) }.label == "cancel-order")
    }

    /// Against all names there are, with costs that the beam holds no surprise for.
    @Test(arguments: 0..<20) func agreesWithLookingAtEveryName(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var costs: [String: Double] = [:]
        for word in Self.form.verbs + Self.form.words { costs[word] = -Double.random(in: 0.1...5, using: &generator) }
        let known = costs
        func figure(_ words: [String], _ isWhole: Bool) -> Double {
            words.reduce(isWhole ? -0.5 : 0) { $0 + (known[$1] ?? -100) }
        }
        var best: (label: String, figure: Double) = ("", -.infinity)
        for verb in Self.form.verbs {
            for word in Self.form.words where figure([verb, word], true) > best.figure {
                best = ("\(verb)-\(word)", figure([verb, word], true))
            }
        }
        #expect(Self.run(Self.form, figure).label == best.label)
    }
}

@Suite struct ClusterQuestionTests {
    private static let texts = ["where is my parcel", "track my parcel"]

    private static func utterances(_ texts: [String] = texts) throws -> [UtteranceText] {
        try texts.map { try UtteranceText($0) }
    }

    @Test func boundsAreKept() throws {
        let one = try Self.utterances(["a parcel"])
        for count in [0, ClusterQuestion.maximumUtterances + 1] {
            let many = Array(repeating: one[0], count: count)
            #expect(throws: SwitchboardError.self) { try ClusterQuestion(judging: many) }
        }
        for words in [[], Array(repeating: "word", count: 21), ["two words"], ["a-b"], [""], ["x/y"]] as [[String]] {
            #expect(throws: SwitchboardError.self) {
                try ClusterQuestion(naming: one, role: nil, words: words, taken: [])
            }
        }
        let many = Array(repeating: "cancel-order", count: 1_001)
        #expect(throws: SwitchboardError.self) {
            try ClusterQuestion(naming: one, role: nil, words: ["order"], taken: many)
        }
        let question = try ClusterQuestion(naming: one, role: .agent, words: ["订单"], taken: [])
        guard case .name(let form) = question.kind else {
            Issue.record("it asks for no name")
            return
        }
        #expect(form.verbs == ActionVerbs.agents)
    }

    @Test func aPromptShowsExamplesThenTheCluster() throws {
        let question = try ClusterQuestion(
            naming: Self.utterances(),
            role: nil,
            words: ["parcel"],
            taken: []
        )
        let prompt = try ClusterPromptTokens.text(of: question, limit: 5_000)
        #expect(prompt.hasPrefix("Name what these utterances ask for"))
        #expect(prompt.hasSuffix("Name: check train times\n\n- where is my parcel\n- track my parcel\nName:"))
        let judged = try ClusterPromptTokens.text(of: ClusterQuestion(judging: Self.utterances()), limit: 5_000)
        #expect(judged.hasSuffix("Same: no\n\n- where is my parcel\n- track my parcel\nSame:"))
        #expect(ClusterPrompt.ending(["track", "parcel"]) == " track parcel\n")
    }

    @Test func whatDoesNotFitIsLeftOutFromTheEnd() throws {
        let long = String(repeating: "parcel ", count: 1_000) + "end"
        let question = try ClusterQuestion(judging: Self.utterances([long, long, long]))
        let prompt = try ClusterPromptTokens.text(of: question, limit: 1_000)
        #expect(prompt.unicodeScalars.count <= 1_000)
        #expect(prompt.hasSuffix("\nSame:") && !prompt.contains("end"))
        // One is shown at any rate.
        #expect(try ClusterPromptTokens.text(of: question, limit: 10).contains("\n- parcel parcel"))
    }

    @Test func aJudgementIsTheShareOfYes() throws {
        var inquiry = ClusterInquiry(try ClusterQuestion(judging: Self.utterances()))
        #expect(inquiry.endings == [" yes\n", " no\n"] && inquiry.value == nil)
        inquiry.take([-1, -1])
        #expect(inquiry.value == .good(0.5) && inquiry.endings.isEmpty)
        var sure = ClusterInquiry(try ClusterQuestion(judging: Self.utterances()))
        sure.take([-0.5, -3])
        guard case .good(let probability) = sure.value else {
            Issue.record("it is not judged")
            return
        }
        #expect(abs(probability - 0.924141819978757) < 1e-12)
    }
}
