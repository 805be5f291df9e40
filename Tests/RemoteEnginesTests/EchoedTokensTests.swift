import Testing

@testable import RemoteEngines

struct EchoedTokensTests {
    private func echoed(_ tokens: [String], _ figures: [Double?]? = nil) -> EchoedTokens {
        EchoedTokens(tokens: tokens, figures: figures ?? tokens.map { _ in -1 })
    }

    @Test func aCandidateBeginsWhereThePromptEnds() {
        let tokens = echoed(["lost", " parcel", " ->", " delivery", "\n"])
        #expect(tokens.start(after: "lost parcel ->", in: "lost parcel -> delivery\n") == 3)
    }

    @Test func aTokenThatStraddlesTheBoundaryIsTheCandidates() {
        let tokens = echoed(["lost", " parcel", " -> del", "ivery", "\n"])
        #expect(tokens.start(after: "lost parcel ->", in: "lost parcel -> delivery\n") == 2)
    }

    @Test func whatBeginsEveryTextIsPassedOver() {
        let tokens = echoed(["<s>", "lost", " ->", " delivery", "\n"])
        #expect(tokens.start(after: "lost ->", in: "lost -> delivery\n") == 3)
    }

    @Test func tokensThatDoNotMakeUpTheTextSayNothing() {
        #expect(echoed(["lost", "->", "delivery", "\n"]).start(after: "lost ->", in: "lost -> delivery\n") == nil)
        #expect(echoed([]).start(after: "a", in: "a b") == nil)
    }

    @Test func boundariesCountBytesWhateverTheScript() {
        let tokens = echoed(["여보세요", " ->", " 배송", "\n"])
        #expect(tokens.start(after: "여보세요 ->", in: "여보세요 -> 배송\n") == 2)
    }

    @Test func thePromptAloneShowsTheBoundaryToo() throws {
        let prompt = echoed(["<s>", "lost", "->"])
        #expect(try echoed(["<s>", "lost", "->", "delivery", "\n"]).start(after: prompt) == 3)
        #expect(try echoed(["<s>", "lost", "->del", "ivery", "\n"]).start(after: prompt) == 2)
    }

    @Test func aPromptThatIsReadOtherwiseWithACandidateShowsNothing() {
        let words = (0..<20).map { "word\($0)" }
        let cut = echoed(Array(words.dropFirst(4)) + ["delivery", "\n"])
        #expect(throws: EngineFailure.self) { try cut.start(after: echoed(words)) }
        let parted = echoed(words.prefix(5) + ["other", "delivery", "\n"])
        #expect(throws: EngineFailure.self) { try parted.start(after: echoed(words)) }
        #expect(throws: EngineFailure.self) { try cut.start(after: echoed([])) }
    }

    @Test func figuresWhoseSumIsNoNumberAreNonsense() {
        let least = -Double.greatestFiniteMagnitude
        #expect(throws: EngineFailure.self) { try echoed(["a", "b", "c"], [nil, least, least]).mean(from: 1) }
    }

    @Test func theMeanIsOverTheCandidatesTokensAlone() throws {
        let tokens = echoed(["a", "b", "c", "\n"], [nil, -100, -2, -4])
        #expect(try tokens.mean(from: 2) == -3)
    }

    @Test(arguments: [nil, Double.nan, -Double.infinity, 0.5] as [Double?])
    func aFigureThatIsNoneIsNonsense(figure: Double?) {
        #expect(throws: EngineFailure.self) { try echoed(["a", "b"], [-1, figure]).mean(from: 1) }
    }

    @Test func aCandidateWithoutTokensIsNonsense() {
        #expect(throws: EngineFailure.self) { try echoed(["a", "b"]).mean(from: 2) }
    }

    // MARK: Answers

    private func read(_ json: String, prompts: Int) throws -> [EchoedTokens] {
        try EchoedTokens.all(in: EngineMessages.decoded(Array(json.utf8)), prompts: prompts)
    }

    @Test func whatWasMadeIsCutOffAndChoicesAreOrdered() throws {
        let answer = """
            {"choices": [
              {"index": 1, "finish_reason": "length", "logprobs": {"tokens": ["c", "x"], "token_logprobs": [null, -3]}},
              {"index": 0, "finish_reason": "length", "logprobs": {"tokens": ["a", "b", "y"], "token_logprobs": [null, -1, -2]}}
             ], "usage": {"completion_tokens": 2, "prompt_tokens": 3}, "id": "more"}
            """
        #expect(try read(answer, prompts: 2) == [echoed(["a", "b"], [nil, -1]), echoed(["c"], [nil])])
    }

    @Test func whereSomeMadeNothingTheReasonOfTheirEndTells() throws {
        let answer = """
            {"choices": [
              {"index": 0, "finish_reason": "stop", "logprobs": {"tokens": ["a", "b"], "token_logprobs": [null, -1]}},
              {"index": 1, "finish_reason": "length", "logprobs": {"tokens": ["c", "x"], "token_logprobs": [null, -3]}}
             ], "usage": {"completion_tokens": 1}}
            """
        #expect(try read(answer, prompts: 2).map(\.tokens) == [["a", "b"], ["c"]])
    }

    @Test(arguments: [
        "", "null", "[]", "{}", "<html>busy</html>", #"{"choices": []}"#,
        #"{"choices": [{"index": 0, "logprobs": null}], "usage": {"completion_tokens": 1}}"#,
        #"{"choices": [{"index": 4, "logprobs": {"tokens": [], "token_logprobs": []}}], "usage": {"completion_tokens": 0}}"#,
        #"{"choices": [{"logprobs": {"tokens": ["a"], "token_logprobs": []}}], "usage": {"completion_tokens": 0}}"#,
        #"{"choices": [{"logprobs": {"tokens": ["a"], "token_logprobs": [NaN]}}], "usage": {"completion_tokens": 0}}"#,
        #"{"choices": [{"logprobs": {"tokens": ["a"], "token_logprobs": [-1]}}]}"#,
        #"{"choices": [{"logprobs": {"tokens": ["a"], "token_logprobs": [-1]}}], "usage": {"completion_tokens": -7}}"#,
    ])
    func nonsenseIsSeen(answer: String) {
        let failure = #expect(throws: EngineFailure.self) { try read(answer, prompts: 1) }
        #expect(failure?.kind == .nonsense)
    }

    // MARK: The probe

    @Test func figuresThatBelongToTheirTokensPass() throws {
        let tokens = EchoProbe.text.split(separator: " ").map(String.init)
        try EchoProbe.check(echoed(tokens, tokens.indices.map { $0 < 3 ? -6 : -0.1 }))
        #expect(throws: EngineFailure.self) { try EchoProbe.check(echoed(tokens, tokens.map { _ in -9 })) }
        #expect(throws: EngineFailure.self) { try EchoProbe.check(echoed(["red"])) }
    }
}
