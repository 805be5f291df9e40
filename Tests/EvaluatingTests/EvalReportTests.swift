import Core
import Evaluating
import Foundation
import Testing

struct EvalReportTests {
    private static func json(_ report: EvalReport) throws -> String {
        String(decoding: try JSONEncoder().encode(report), as: UTF8.self)
    }

    private func isNear(_ left: Double?, _ right: Double) -> Bool { left.map { abs($0 - right) < 1e-9 } ?? false }

    @Test func accuracyLooksAtTheLeaderWhateverTheOutcome() throws {
        let report = EvalReport(
            answers: [
                try Samples.answer("a", "a"),
                try Samples.answer("a", "a", outcome: .unknown),
                try Samples.answer("b", "b", outcome: .clarify),
                try Samples.answer("b", "a"),
            ],
            setup: Samples.setup(),
        )
        #expect(report.n == 4)
        #expect(isNear(report.accuracy, 0.75))
    }

    @Test func aFullPathOfAnotherVerticalIsWrong() throws {
        let report = EvalReport(
            answers: [try Samples.answer("a", "a", vertical: "one", leaderVertical: "two")],
            setup: Samples.setup()
        )
        #expect(report.accuracy == 0)
        #expect(report.levels.map(\.accuracy) == [0])
    }

    @Test func macroFiguresAreMeansOverTheGoldIntents() throws {
        // a: gold 2, predicted 2, right 1. b: gold 2, predicted 1, right 1. c is predicted once and is no gold intent.
        let report = EvalReport(
            answers: [
                try Samples.answer("a", "a"), try Samples.answer("a", "c"), try Samples.answer("b", "b"),
                try Samples.answer("b", "a"),
            ],
            setup: Samples.setup(),
        )
        #expect(isNear(report.macroF1, (2.0 * 1 / 4 + 2.0 * 1 / 3) / 2))
        let vertical = try #require(report.verticals.first)
        #expect(vertical.vertical == "default")
        #expect(isNear(vertical.precision, (0.5 + 1) / 2))
        #expect(isNear(vertical.recall, 0.5))
        #expect(isNear(vertical.f1, report.macroF1))
    }

    @Test func verticalsAreTakenApart() throws {
        let report = EvalReport(
            answers: [
                try Samples.answer("a", "a", vertical: "one"),
                try Samples.answer("a", "a", vertical: "two", leaderVertical: "one"),
                try Samples.answer("a", "a", vertical: "two"),
            ],
            setup: Samples.setup(),
        )
        #expect(report.verticals.map(\.vertical) == ["one", "two"])
        #expect(report.verticals.map(\.n) == [1, 2])
        #expect(report.verticals.map(\.accuracy) == [1, 0.5])
        #expect(report.verticals.map(\.recall) == [1, 0.5])
    }

    @Test func levelsCountPrefixesOfPathsThatAreDeepEnough() throws {
        let report = EvalReport(
            answers: [
                try Samples.answer("x/y/z", "x/y/z"),
                try Samples.answer("x/y/z", "x/y/w"),
                try Samples.answer("x/y", "x"),
                try Samples.answer("q", "x"),
            ],
            setup: Samples.setup(),
        )
        #expect(report.levels.map(\.depth) == [1, 2, 3])
        #expect(isNear(report.levels[0].accuracy, 0.75))
        #expect(isNear(report.levels[1].accuracy, 2.0 / 3))
        #expect(isNear(report.levels[2].accuracy, 0.5))
    }

    @Test func recallGoesAsFarAsK() throws {
        let answers = [
            try Samples.answer("a", "b", retrieved: ["b", "b", "a", "c", "c"]),
            try Samples.answer("a", "a", retrieved: ["a", "b", "b", "c", "c"]),
            try Samples.answer("a", "b", retrieved: ["b", "b", "b", "c", "a"]),
            try Samples.answer("a", "b", retrieved: ["b", "b", "b", "c", "c"]),
        ]
        let report = EvalReport(answers: answers, setup: Samples.setup(k: 5))
        #expect(report.recallAtK == ["1": 0.25, "3": 0.5, "5": 0.75])
    }

    @Test func calibrationErrorIsTheGapInEachOfFifteenBins() throws {
        // Bin of 0.95: two answers, one right, gap |1 - 1.9|. Bin of 0.5: two, both right, gap |2 - 1.0|.
        let report = EvalReport(
            answers: [
                try Samples.answer("a", "a", vote: 1, probability: 0.95),
                try Samples.answer("a", "b", vote: 1, probability: 0.95),
                try Samples.answer("a", "a", vote: 1, probability: 0.5),
                try Samples.answer("a", "a", vote: 1, probability: 0.5),
            ],
            setup: Samples.setup(),
        )
        #expect(isNear(report.ece, (0.9 + 1.0) / 4))
        #expect(isNear(report.eceUncalibrated, 0.25))
    }

    @Test func withoutProbabilitiesThereIsNoCalibrationError() throws {
        let report = EvalReport(answers: [try Samples.answer("a", "a")], setup: Samples.setup())
        #expect(report.ece == nil)
        #expect(!(try Self.json(report).contains("\"ece\"")))
    }

    @Test func outOfScopeCountsWhatWasRefused() throws {
        let report = EvalReport(
            answers: [
                try Samples.answer("a", "a", similarity: 0.9),
                try Samples.answer("a", "a", similarity: 0.3, outcome: .unknown),
                try Samples.answer("a", "b", similarity: 0.7),
                try Samples.answer("a", "a", similarity: 0.5),
            ],
            outOfScope: [
                try Samples.answer(nil, "a", similarity: 0.2, outcome: .unknown),
                try Samples.answer(nil, "a", similarity: 0.5),
            ],
            threshold: 0.4,
            setup: Samples.setup(),
        )
        let oos = try #require(report.oos)
        #expect(isNear(oos.inScopeAccuracy, 0.5))
        #expect(isNear(oos.recall, 0.5))
        #expect(isNear(oos.precision, 0.5))
        #expect(isNear(oos.f1, 0.5))
        // Pairs in which the in-scope one is nearer: 4 of 4 against 0.2; against 0.5 two, and a tie.
        #expect(isNear(oos.auroc, (4 + 2.5) / 8))
        #expect(oos.threshold == 0.4)
    }

    @Test func withoutOutOfScopeUtterancesNothingIsSaidOfThem() throws {
        #expect(EvalReport(answers: [try Samples.answer("a", "a")], setup: Samples.setup()).oos == nil)
    }

    @Test func decidedByAddsUpToOne() throws {
        let report = EvalReport(
            answers: [
                try Samples.answer("a", "a", decidedBy: .exact), try Samples.answer("a", "a", decidedBy: .retrieval),
                try Samples.answer("a", "a", decidedBy: .llm), try Samples.answer("a", "a", decidedBy: .degraded),
            ],
            setup: Samples.setup(),
        )
        #expect(report.decidedBy.retrieval == 0.5)
        #expect(report.decidedBy.llm == 0.25)
        #expect(report.decidedBy.degraded == 0.25)
    }

    @Test func aRouteToAParentOfTheGoldIntentIsRight() throws {
        func answer(_ leader: String, _ outcome: Outcome, answered: String?, vertical: String = "default") throws
            -> EvalAnswer
        {
            var answer = try Samples.answer("a/b", leader, outcome: outcome, leaderVertical: vertical)
            answer.answered = try answered.map { try Samples.intent($0, vertical) }
            return answer
        }
        let report = EvalReport(
            answers: [
                try answer("a/b", .route, answered: "a/b"),
                // Backed off: the leaf is wrong, and its parent is not.
                try answer("a/c", .route, answered: "a"),
                try answer("a/c", .route, answered: "a/c"),
                try answer("a/b", .route, answered: "a/b", vertical: "other"),
                try answer("a/b", .clarify, answered: "a/b"),
                try answer("a/b", .unknown, answered: nil),
            ],
            setup: Samples.setup(),
        )
        #expect(isNear(report.outcomes.route, 4.0 / 6) && isNear(report.outcomes.clarify, 1.0 / 6))
        #expect(isNear(report.outcomes.unknown, 1.0 / 6) && isNear(report.outcomes.backedOff, 1.0 / 6))
        #expect(report.outcomes.routePrecision == 0.5)
        let nobody = EvalReport(answers: [try answer("a/b", .clarify, answered: "a/b")], setup: Samples.setup())
        #expect(nobody.outcomes.routePrecision == nil)
        #expect(report.table().contains { $0.contains("ROUTE 66.67 %") })
    }

    @Test func coverageTakesTheSurestFirst() throws {
        // The surer half is right, the other wrong.
        let answers = try (0..<20).map { place in
            try Samples.answer("a", place < 10 ? "a" : "b", probability: 0.9 - Double(place) / 100)
        }
        let report = EvalReport(answers: answers.reversed(), setup: Samples.setup())
        #expect(report.coverage.map(\.coverage) == (10...20).map { Double($0) / 20 })
        #expect(report.coverage.map(\.accuracy) == (10...20).map { 10 / Double($0) })
    }

    @Test func equallySureAnswersAreCoveredTogether() throws {
        let answers = try (0..<20).map { try Samples.answer("a", "a", probability: $0 < 16 ? 0.9 : 0.4) }
        let report = EvalReport(answers: answers, setup: Samples.setup())
        #expect(report.coverage.map(\.coverage) == [0.8, 1])
    }

    @Test func percentilesAreNearestRanks() throws {
        let timings = (1...100).map { number in
            EvalTiming(
                encode: .milliseconds(number),
                search: .milliseconds(1),
                score: .zero,
                total: .milliseconds(2 * number)
            )
        }
        let report = EvalReport(
            answers: [try Samples.answer("a", "a")],
            timings: timings.shuffled(),
            setup: Samples.setup()
        )
        let latency = try #require(report.latencyMs)
        #expect(isNear(latency.encode.p50, 50))
        #expect(isNear(latency.encode.p95, 95))
        #expect(isNear(latency.total.p99, 198))
        #expect(latency.score == nil)
    }

    @Test func jsonHasTheNamesOfTheContract() throws {
        let answer = try Samples.answer("a", "a", probability: 0.9)
        let report = EvalReport(
            answers: [answer],
            outOfScope: [try Samples.answer(nil, "a", outcome: .unknown)],
            timings: [EvalTiming(encode: .zero, search: .zero, score: .milliseconds(1), total: .zero)],
            threshold: 0.4,
            setup: Samples.setup(),
        )
        let json = try Self.json(report)
        #expect(!json.contains("\n"))
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        #expect(
            Set(object.keys) == [
                "n", "index_size", "accuracy", "macro_f1", "verticals", "levels", "recall_at_k", "ece",
                "ece_uncalibrated",
                "oos", "decided_by", "outcomes", "coverage", "latency_ms", "llm", "encoder", "k", "seed", "version",
            ]
        )
        let oos = try #require(object["oos"] as? [String: Any])
        #expect(Set(oos.keys) == ["in_scope_accuracy", "recall", "precision", "f1", "auroc", "threshold"])
        let latency = try #require(object["latency_ms"] as? [String: [String: Any]])
        #expect(Set(latency.keys) == ["encode", "search", "score", "total"])
        #expect(latency.values.allSatisfy { Set($0.keys) == ["p50", "p95", "p99"] })
        let vertical = try #require((object["verticals"] as? [[String: Any]])?.first)
        #expect(Set(vertical.keys) == ["vertical", "n", "precision", "recall", "f1", "accuracy"])
        #expect(try JSONDecoder().decode(EvalReport.self, from: Data(json.utf8)) == report)
    }

    @Test func tableNamesEveryFigureThatWasMeasured() throws {
        let report = EvalReport(
            answers: [
                try Samples.answer("a/b", "a/b", probability: 0.9, vertical: "one"),
                try Samples.answer("a/b", "a/c", probability: 0.9, vertical: "two"),
            ],
            outOfScope: [try Samples.answer(nil, "a")],
            timings: [EvalTiming(encode: .zero, search: .zero, score: .zero, total: .milliseconds(3))],
            setup: Samples.setup(),
        )
        let lines = report.table()
        let text = lines.joined(separator: "\n")
        #expect(text.contains("accuracy") && text.contains("50.00 %"))
        for word in ["out of scope", "vertical", "one", "two", "right to level", "total", "3.00"] {
            #expect(text.contains(word))
        }
        #expect(lines.allSatisfy { $0.count <= 110 && $0.last != " " })
    }
}
