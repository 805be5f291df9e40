import Core
import Foundation
import Logging
import Models
import TestEngines
import Testing

@testable import RemoteEngines

@Suite(.timeLimit(.minutes(2))) struct RemoteScorerTests {
    static let logger = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }

    /// Runs `body` with a scorer that asks a server of these settings; both end afterwards.
    private func withScorer(
        _ settings: EngineDouble.Settings = .init(),
        model: String = "",
        key: String? = nil,
        isProbed: Bool = true,
        _ body: (RemoteScorer, EngineDouble) async throws -> Void,
    ) async throws {
        let double = try await EngineDouble.start(settings)
        let scorer = RemoteScorer(
            try EngineAddress("openai:\(double.url)\(model)"),
            key: key.flatMap { EngineKey(environment: [EngineKey.variable: $0]) },
            logger: Self.logger
        )
        do {
            if isProbed {
                try await scorer.probe()
                await scorer.server.becomeAble()
            }
            try await body(scorer, double)
        } catch {
            await scorer.close()
            await double.stop()
            throw error
        }
        await scorer.close()
        await double.stop()
    }

    private static let candidates = ["delivery/lost", "delivery", "refund/ask_for_it"]

    private static func input(_ candidates: [String] = RemoteScorerTests.candidates) throws -> ScoringInput {
        ScoringInput(
            text: try UtteranceText("the courier lost my box"),
            pairs: [.init(query: try UtteranceText("my parcel is gone"), intent: try IntentPath("delivery/lost"))],
            candidates: try candidates.map { try IntentPath($0) }
        )
    }

    private static func expected(_ candidates: [String] = RemoteScorerTests.candidates) -> [Double] {
        candidates.compactMap { try? IntentPath($0) }.map { ToyModels.mean(of: Prompt.ending(intent: $0.spoken)) }
    }

    private static func soon(_ time: Duration = .seconds(30)) -> ComputeOrder {
        ComputeOrder(.live, deadline: ContinuousClock.now + time)
    }

    private func scores(_ scorer: RemoteScorer) async throws -> [Double] {
        try await scorer.score(Self.input(), Self.soon()).value.logProbabilities
    }

    // MARK: Answers

    @Test(arguments: [true, false], [true, false])
    func figuresAreTheMeansOverCandidateAndLineEnd(takesSeveral: Bool, losesSpaces: Bool) async throws {
        var settings = EngineDouble.Settings()
        settings.takesSeveral = takesSeveral
        settings.losesSpaces = losesSpaces
        try await withScorer(settings) { scorer, _ in
            let output = try await scorer.score(Self.input(), Self.soon()).value
            #expect(output.logProbabilities == Self.expected())
            #expect(output.promptTokens > 10)
            #expect(!output.isTruncated)
        }
    }

    private static func utterances() throws -> [UtteranceText] {
        try ["what does it cost", "is there a fee"].map { try UtteranceText($0) }
    }

    /// To the toy the shortest words are the likeliest; of equal ones the first of the list counts.
    @Test(arguments: [true, false], [true, false])
    func clustersAreNamedAndJudgedBySums(takesSeveral: Bool, losesSpaces: Bool) async throws {
        var settings = EngineDouble.Settings()
        settings.takesSeveral = takesSeveral
        settings.losesSpaces = losesSpaces
        try await withScorer(settings) { scorer, _ in
            let deadline = ContinuousClock.now + .seconds(30)
            let question = try ClusterQuestion(
                naming: Self.utterances(),
                role: .caller,
                words: ["charges", "fee"],
                taken: ["add-fee"]
            )
            let named = try await scorer.answer(question, deadline: deadline).value
            #expect(named.value == .name("buy-fee"))
            #expect(named.tokens > 20)
            let judged = try await scorer.answer(ClusterQuestion(judging: Self.utterances()), deadline: deadline).value
            guard case .good(let probability) = judged.value else {
                Issue.record("it is not judged")
                return
            }
            // " yes" has a byte more than " no".
            #expect(abs(probability - 1 / (1 + exp(1.0))) < 1e-9)
            #expect(scorer.clusterModels?.prompt == ClusterPrompt.id)
        }
    }

    @Test func theServerSeesThePromptAsALocalModelDoes() async throws {
        try await withScorer { scorer, double in
            _ = try await scores(scorer)
            let body = try #require(double.seen.last?.body)
            let prompt =
                #"Match the query to an intent.\nmy parcel is gone -> delivery \/ lost\nthe courier lost my box ->"#
            #expect(body.contains(prompt + #" refund \/ ask for it\n"#))
            #expect(body.contains(#""echo":true"#))
            #expect(body.contains(#""max_tokens":1"#))
        }
    }

    @Test func severalPromptsGoInOneRequestWhereTheServerTakesThem() async throws {
        try await withScorer { scorer, double in
            let before = double.count(of: "/v1/completions")
            _ = try await scores(scorer)
            #expect(double.count(of: "/v1/completions") == before + 1)
        }
    }

    @Test func aPromptThatIsTooLongIsCutAndSaysSo() async throws {
        try await withScorer { scorer, _ in
            var input = try Self.input()
            let text = try UtteranceText(String(repeating: "lost ", count: 20))
            input.pairs = Array(repeating: .init(query: text, intent: try IntentPath("a")), count: 200)
            let output = try await scorer.score(input, Self.soon()).value
            #expect(output.isTruncated)
        }
    }

    @Test(arguments: [Int.min, -1, 0, 900, 2_048, .max])
    func aPromptHasAsManyCharactersAsTheServerReads(tokens: Int) async throws {
        var settings = EngineDouble.Settings()
        settings.maximumTokens = tokens
        try await withScorer(settings) { scorer, double in
            var input = try Self.input()
            let text = try UtteranceText(String(repeating: "lost ", count: 20))
            input.pairs = Array(repeating: .init(query: text, intent: try IntentPath("a")), count: 200)
            let output = try await scorer.score(input, Self.soon()).value
            #expect(output.isTruncated)
            let body = try #require(double.seen.last?.body)
            let most = min(max(256, tokens > 640 ? tokens - 640 : 0), 5_632)
            // The request has each candidate's prompt, and some words around it.
            #expect(body.count < Self.candidates.count * (most + 100) + 300)
        }
    }

    @Test func candidatesAreCounted() async throws {
        try await withScorer { scorer, double in
            for count in [0, 65] {
                let input = try Self.input((0..<count).map { "intent\($0)" })
                let error = await #expect(throws: SwitchboardError.self) { try await scorer.score(input, Self.soon()) }
                #expect(error?.code == .invalidArgument)
            }
            let many = (0..<64).map { "intent\($0)" }
            let before = double.count(of: "/v1/completions")
            let output = try await scorer.score(Self.input(many), Self.soon()).value
            #expect(output.logProbabilities == Self.expected(many))
            #expect(double.count(of: "/v1/completions") == before + 64 / RemoteScorer.promptsPerRequest)
        }
    }

    // MARK: Which model

    @Test func theModelIsNamedByTheServer() async throws {
        try await withScorer { scorer, _ in
            #expect(scorer.models?.base == EngineIdentity.scorer("toy"))
            #expect(scorer.models?.prompt == Prompt.id)
        }
    }

    @Test func oneOfSeveralHasToBeNamed() async throws {
        var settings = EngineDouble.Settings()
        settings.models = ["base", "tuned"]
        try await withScorer(settings, isProbed: false) { scorer, _ in
            let error = await #expect(throws: SwitchboardError.self) { try await scorer.probe() }
            #expect(error?.message.contains("base, tuned") == true)
        }
        try await withScorer(settings, model: "#tuned") { scorer, _ in
            #expect(scorer.models?.base == EngineIdentity.scorer("tuned"))
        }
        try await withScorer(settings, model: "#other", isProbed: false) { scorer, _ in
            let error = await #expect(throws: SwitchboardError.self) { try await scorer.probe() }
            #expect(error?.code == .failedPrecondition)
        }
    }

    @Test func aKeyIsSentAndAskedFor() async throws {
        var settings = EngineDouble.Settings()
        settings.key = "secret"
        try await withScorer(settings, key: "secret") { scorer, _ in
            let figures = try await scores(scorer)
            #expect(figures == Self.expected())
        }
        try await withScorer(settings, key: "wrong", isProbed: false) { scorer, _ in
            let error = await #expect(throws: SwitchboardError.self) { try await scorer.probe() }
            #expect(error?.message.contains(EngineKey.variable) == true)
            #expect(error?.message.contains("wrong") == false)
        }
    }

    // MARK: What goes wrong

    @Test(arguments: [EngineDouble.Behaviour.isShifted, .says("{}"), .says("<html>"), .leavesOneOut, .refuses(500)])
    func aServerThatCannotScoreIsNotAsked(behaviour: EngineDouble.Behaviour) async throws {
        try await withScorer(isProbed: false) { scorer, double in
            double.behave(behaviour)
            let error = await #expect(throws: SwitchboardError.self) { try await scorer.probe() }
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains(double.url) == true)
            let refusal = await #expect(throws: SwitchboardError.self) { try await scores(scorer) }
            #expect(refusal?.code == .unavailable)
        }
    }

    @Test(arguments: [
        (EngineDouble.Behaviour.refuses(503), 1), (.refuses(502), 2), (.refuses(429, retryAfter: "0"), 3),
        (.hangsUp, 2),
    ])
    func whatPassesIsTriedAgain(behaviour: EngineDouble.Behaviour, times: Int) async throws {
        try await withScorer { scorer, double in
            for _ in 0..<times { double.next(behaviour) }
            let before = double.count(of: "/v1/completions")
            let figures = try await scores(scorer)
            #expect(figures == Self.expected())
            #expect(double.count(of: "/v1/completions") == before + times + 1)
        }
    }

    @Test(arguments: [EngineDouble.Behaviour.refuses(400), .refuses(500), .says("no"), .leavesOneOut])
    func whatStaysIsToldAtOnce(behaviour: EngineDouble.Behaviour) async throws {
        try await withScorer { scorer, double in
            double.next(behaviour)
            let before = double.count(of: "/v1/completions")
            await #expect(throws: SwitchboardError.self) { try await scores(scorer) }
            #expect(double.count(of: "/v1/completions") == before + 1)
            let figures = try await scores(scorer)
            #expect(figures == Self.expected())
        }
    }

    @Test func aRefusalIsToldThoughItsWordsNeverCome() async throws {
        try await withScorer { scorer, double in
            double.next(.refusesAndHangs(400))
            let error = await #expect(throws: SwitchboardError.self) { try await scores(scorer) }
            #expect(error?.code == .invalidArgument)
            #expect(error?.message.contains("status 400") == true)
            let figures = try await scores(scorer)
            #expect(figures == Self.expected())
        }
    }

    @Test func silenceEndsAtTheCallsDeadline() async throws {
        try await withScorer { scorer, double in
            double.behave(.isSilent)
            let error = await #expect(throws: SwitchboardError.self) {
                try await scorer.score(Self.input(), Self.soon(.milliseconds(100)))
            }
            #expect(error?.code == .deadlineExceeded)
            // Too short a time to say that the server is at fault.
            #expect(scorer.state.value == .able)
        }
    }

    @Test func whatIsTooLateAlreadyIsNotSent() async throws {
        try await withScorer { scorer, double in
            let before = double.count(of: "/v1/completions")
            let late = ComputeOrder(.live, deadline: ContinuousClock.now - .seconds(1))
            let error = await #expect(throws: SwitchboardError.self) { try await scorer.score(Self.input(), late) }
            #expect(error?.code == .deadlineExceeded)
            #expect(double.count(of: "/v1/completions") == before)
            #expect(scorer.state.value == .able)
        }
    }

    @Test func aServerThatIsBusyWhenItIsTriedIsNotTakenForOneOfSinglePrompts() async throws {
        try await withScorer(isProbed: false) { scorer, double in
            double.next(.answers, .answers)
            for _ in 0..<4 { double.next(.refuses(429, retryAfter: "0")) }
            let error = await #expect(throws: SwitchboardError.self) { try await scorer.probe() }
            #expect(error?.code == .resourceExhausted)
            #expect(scorer.models == nil)
            try await scorer.probe()
            await scorer.server.becomeAble()
            let before = double.count(of: "/v1/completions")
            _ = try await scores(scorer)
            #expect(double.count(of: "/v1/completions") == before + 1)
        }
    }

    @Test func aServerThatWantsAnotherKeyIsNotAskedAnyMore() async throws {
        try await withScorer { scorer, double in
            double.behave(.refuses(401))
            for _ in 0..<FailureWindow.leastOutcomes {
                await #expect(throws: SwitchboardError.self) { try await scores(scorer) }
            }
            #expect(scorer.state.value.reason?.contains(EngineKey.variable) == true)
        }
    }

    @Test func aServerThatIsBusyIsNotAskedMoreAndMore() async throws {
        try await withScorer { scorer, double in
            double.behave(.refuses(429, retryAfter: "0"))
            let before = double.count(of: "/v1/completions")
            for _ in 0..<4 {
                let error = await #expect(throws: SwitchboardError.self) { try await scores(scorer) }
                #expect(error?.code == .resourceExhausted)
            }
            // The first call's four attempts leave nothing for the others' retries.
            #expect(double.count(of: "/v1/completions") == before + 7)
            #expect(scorer.state.value == .able)
        }
    }

    @Test func aCancelledCallEndsAtOnce() async throws {
        try await withScorer { scorer, double in
            double.behave(.isSilent)
            let before = double.count(of: "/v1/completions")
            let call = Task { try await scorer.score(Self.input(), Self.soon()) }
            while double.count(of: "/v1/completions") == before { await Task.yield() }
            call.cancel()
            let error = await #expect(throws: SwitchboardError.self) { _ = try await call.value }
            #expect(error?.code == .cancelled)
        }
    }

    @Test func aServerThatFailsAgainAndAgainIsLeftAloneUntilItAnswers() async throws {
        try await withScorer(isProbed: false) { scorer, double in
            let watch = Task { await scorer.watch() }
            for await state in scorer.state.values() where state == .able { break }
            double.behave(.refuses(500))
            for _ in 0..<FailureWindow.leastOutcomes {
                await #expect(throws: SwitchboardError.self) { try await scores(scorer) }
            }
            for await state in scorer.state.values() where state != .able { break }
            let error = await #expect(throws: SwitchboardError.self) { try await scores(scorer) }
            #expect(error?.code == .unavailable)
            double.behave(.answers)
            for await state in scorer.state.values() where state == .able { break }
            let figures = try await scores(scorer)
            #expect(figures == Self.expected())
            watch.cancel()
            await watch.value
        }
    }

    @Test func nobodyThere() async throws {
        let double = try await EngineDouble.start()
        let url = double.url
        await double.stop()
        let scorer = RemoteScorer(try EngineAddress("openai:\(url)"), key: nil, logger: Self.logger)
        let error = await #expect(throws: SwitchboardError.self) { try await scorer.probe() }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains(url) == true)
        await scorer.close()
    }
}
