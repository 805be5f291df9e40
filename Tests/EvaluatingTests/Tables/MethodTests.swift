import Core
import Foundation
import Testing

@testable import Evaluating

struct RankingTests {
    private func exemplars(_ intents: [String]) throws -> [KnownExemplar] {
        try intents.enumerated().map { place, intent in
            KnownExemplar(
                id: ExemplarID(Bits128(UInt128(place + 1))),
                text: "text \(place)",
                gold: try Samples.intent(intent)
            )
        }
    }

    @Test func bm25VotesWithItsScores() throws {
        let hits = [(0, 2.0), (1, 1.5), (2, 1.0)].map { BM25.Hit(document: $0.0, score: $0.1) }
        let ranking = Ranking(hits, of: try exemplars(["x", "y", "y"]))
        let gold = try Samples.intent("y")
        #expect(ranking.answer(1, gold: gold).leader == (try Samples.intent("x")))
        let answer = ranking.answer(3, gold: gold)
        #expect(answer.isRight)
        #expect(abs(answer.vote - 2.5 / 4.5) < 1e-12)
        #expect(answer.familiarity == 2)
        #expect(answer.retrieved.count == 3)
    }

    @Test func theEncoderVotesAsTheProductDoes() throws {
        let sample = try Samples.fitSample("b", [("a", 0.80), ("b", 0.79), ("b", 0.70)])
        let answer = Ranking(sample).answer(3, gold: sample.gold)
        let vote = Vote(sample.input.neighbours, temperature: RetrievalPolicy.builtin.voteTemperature)
        #expect(answer.leader == sample.name(of: vote.shares[0].intent))
        #expect(abs(answer.vote - vote.shares[0].share) < 1e-12)
        #expect(answer.familiarity == 0.80)
    }

    @Test func whatBothRetrieversFindComesFirst() throws {
        let known = try exemplars(["a", "b", "c"])
        // The encoder's are the exemplars 1 and 2 of the same ids.
        let sample = try Samples.fitSample("b", [("a", 0.9), ("b", 0.8)])
        let hits = [BM25.Hit(document: 1, score: 3), BM25.Hit(document: 2, score: 2)]
        let ranking = Ranking(fusing: hits, of: known, with: sample)
        #expect(ranking.entries.map(\.intent.path.description) == ["b", "a", "c"])
        #expect(abs(ranking.likeness - (1.0 / 61 + 1.0 / 62)) < 1e-12)
    }

    @Test func nothingFoundIsNoAnswer() throws {
        let answer = Ranking([], of: []).answer(10, gold: try Samples.intent("a"))
        #expect(answer.leader == nil && !answer.isRight && answer.vote == 0)
    }
}

struct KnownExemplarTests {
    @Test func theLabelSaidLastStays() throws {
        func utterance(_ text: String, _ intent: String) throws -> EvalUtterance {
            EvalUtterance(text: try UtteranceText(text), gold: try Samples.intent(intent))
        }
        let known = KnownExemplar.distinct([
            try utterance("one", "a"), try utterance("two", "a"), try utterance("one", "b"),
        ])
        #expect(known.map(\.text) == ["one", "two"])
        #expect(known.map(\.gold.path.description) == ["b", "a"])
    }
}

struct LanguageModelMethodTests {
    private func sample(_ scores: [String: Double]) throws -> FitSample {
        var sample = try Samples.fitSample("b", [("a", 0.80), ("b", 0.79)])
        let ids = Dictionary(
            sample.input.intents.values.map { ($0.path.description, $0.id) },
            uniquingKeysWith: { first, _ in first }
        )
        var byID: [IntentID: Double] = [:]
        for (name, score) in scores { byID[try #require(ids[name])] = score }
        sample.input.llm = .scored(byID, policy: nil)
        return sample
    }

    private func policy(skipShare: Double) throws -> LLMPolicy {
        let model = try #require(ModelID(bytes: [UInt8](repeating: 1, count: ModelID.byteCount)))
        return LLMPolicy(
            baseModel: model,
            adapter: nil,
            prompt: model,
            evidenceWeight: 1,
            llmWeight: 4,
            skipShare: skipShare
        )
    }

    @Test func autoAsksWhereTheLeaderIsNotSure() throws {
        let samples = [try sample(["a": -3, "b": -1])]
        let sure = TablesRun.withRetrieval(samples, .builtin, try policy(skipShare: 0.1))
        let unsure = TablesRun.withRetrieval(samples, .builtin, try policy(skipShare: 0.99))
        #expect(sure.map(\.method) == ["llm-with-retrieval", "retrieval-llm-auto", "retrieval-llm-always"])
        #expect(sure.map { $0.answers[0].isRight } == [true, false, true])
        #expect(unsure.map { $0.answers[0].isRight } == [true, true, true])
        #expect(unsure[1].answers[0].decidedBy == .llm && sure[1].answers[0].decidedBy == .retrieval)
    }

    @Test func askingLessOftenIsHeldAgainstWhatWasFitted() throws {
        let samples = [try sample(["a": -3, "b": -1])]
        let figures = TablesRun.asking(samples, .builtin, try policy(skipShare: 0.99))
        #expect(Set(figures.map(\.setting)) == ["fitted", "skip_share", "least_share"])
        let fitted = try #require(figures.first)
        #expect(fitted.asked == 1 && fitted.candidates == 2 && fitted.accuracy == 1 && fitted.against.pValue == 1)
        // The leader's share is 0.55: below half nobody asks, and the vote alone is wrong.
        let seldom = try #require(figures.first { $0.setting == "skip_share" && $0.value == 0.5 })
        #expect(seldom.asked == 0 && seldom.candidates == nil && seldom.accuracy == 0)
        #expect(seldom.against.onlyFirst == 0 && seldom.against.onlySecond == 1)
    }

    @Test func fewerCandidatesAreHeardAlone() throws {
        let sample = try sample(["a": -3, "b": -1])
        let first = try #require(sample.decision(under: .builtin).candidates.first?.intent)
        guard case .scored(let heard, _) = sample.hearing([first]).input.llm else {
            Issue.record("nothing was heard")
            return
        }
        #expect(heard == [first: -3])
    }

    @Test func moreVoteWhereTheNearestDisagree() throws {
        let divided = try Samples.fitSample("b", [("a", 0.80), ("b", 0.79), ("b", 0.78), ("b", 0.77)])
        let agreed = try Samples.fitSample("a", [("a", 0.9), ("a", 0.89), ("b", 0.3), ("b", 0.3)])
        let figures = TablesRun.widening([divided, agreed], k: 2, .builtin, [1, 2, 4])
        #expect(figures.map(\.k) == [4, 4, 4])
        let never = try #require(figures.first { $0.belowShare == 0.5 })
        #expect(never.widened == 0 && never.accuracy == 0.5)
        let often = try #require(figures.first { $0.belowShare == 0.9 })
        #expect(often.widened == 0.5 && often.accuracy == 1)
        #expect(often.against.onlyFirst == 1 && often.against.onlySecond == 0)
    }

    @Test func theModelAloneHasTheSoftmaxOfItsScores() throws {
        let answer = EvalAnswer(scoresAloneOn: try sample(["a": -1, "b": -2]), under: .builtin)
        #expect(!answer.isRight)
        #expect(abs(answer.vote - 1 / (1 + exp(-1))) < 1e-12)
        #expect(answer.probability == nil)
    }
}

struct EvalTablesTests {
    private func result(_ method: String, refuses: Bool = false) throws -> MethodResult {
        MethodResult(
            method: method,
            answers: [
                try Samples.answer("a", "a", probability: 0.9, vertical: "one"),
                try Samples.answer("b", "a", probability: 0.4, vertical: "one"),
                try Samples.answer("a", "a", probability: 0.6, vertical: "two"),
            ],
            outOfScope: [try Samples.answer(nil, "a", similarity: 0.1, outcome: .unknown)],
            refuses: refuses,
            known: 7,
            medianMs: 1.25
        )
    }

    @Test func methodsAreMeasuredOverAllAndInEachVertical() throws {
        let table = EvalTables.methods([try result("m")], [])
        #expect(table.rows.map { $0[2] } == ["*", "one", "two"])
        #expect(table.rows[0][3...4] == ["3", "0.6667"])
        // In "one": a is predicted twice and right once, b is never predicted.
        #expect(table.rows[1][3...] == ["2", "0.5000", "0.2500", "0.5000", "0.3333", "7", "1.250"])
    }

    private func answered(_ method: String, _ leaders: [String]) throws -> MethodResult {
        MethodResult(method: method, answers: try leaders.map { try Samples.answer("a", $0) })
    }

    @Test func methodsArePairedWithRetrievalAlone() throws {
        let table = EvalTables.paired(
            [try answered("vote-encoder", ["a", "b", "b", "b"]), try answered("retrieval", ["b", "a", "a", "b"])],
            [
                try answered("retrieval", ["a", "b"]), try answered("retrieval-llm-auto", ["a", "a"]),
                try answered("retrieval-llm-always", ["b", "a"]),
            ]
        )
        #expect(
            table.rows == [
                ["all", "vote-encoder", "retrieval", "4", "1", "2", "1.000000"],
                ["all", "retrieval", "vote-encoder", "4", "2", "1", "1.000000"],
                ["sample", "retrieval-llm-auto", "retrieval", "2", "1", "0", "1.000000"],
                ["sample", "retrieval-llm-always", "retrieval", "2", "1", "1", "1.000000"],
                ["sample", "retrieval-llm-always", "retrieval-llm-auto", "2", "0", "1", "1.000000"],
            ]
        )
    }

    @Test func aClearDifferenceHasASmallP() throws {
        let right = Array(repeating: "a", count: 10)
        let wrong = Array(repeating: "b", count: 10)
        let table = EvalTables.paired([try answered("retrieval", right), try answered("linear-tfidf", wrong)], [])
        // 2 x 2^-10
        #expect(table.rows.map { $0[6] } == ["0.001953"])
    }

    @Test func onlyWhatHasAThresholdHasRefusals() throws {
        let table = EvalTables.outOfScope([try result("never"), try result("sometimes", refuses: true)])
        #expect(table.rows[0][3...] == ["1.0000", "", "", "", ""])
        #expect(table.rows[1][3...] == ["1.0000", "0.6667", "1.0000", "1.0000", "1.0000"])
    }

    @Test func coverageBeginsWithTheSurest() throws {
        let points = EvalTables.coverage(of: try result("m"))
        #expect(points.map(\.accuracy) == [1, 1, 2.0 / 3])
        #expect(points.last?.coverage == 1)
    }

    @Test func aPartLeavesWhatIsOutOfScopeAway() throws {
        let part = try result("m").at([2, 0])
        #expect(part.answers.map(\.isRight) == [true, true])
        #expect(part.outOfScope.isEmpty)
        #expect(try result("m").on(try Vertical("two")).answers.count == 1)
    }
}
