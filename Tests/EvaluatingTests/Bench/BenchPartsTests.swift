import Clustering
import Core
import Datasets
import Foundation
import Models
import Node
import Testing

@testable import Evaluating

struct LlamaBenchTests {
    @Test func readsTheTimesOfEachPass() throws {
        let output = Data(#"[{"n_prompt": 12, "avg_ns": 2000, "samples_ns": [1000, 3000]}]"#.utf8)
        let samples = try LlamaBench.samples(in: output)
        #expect(samples.nanoseconds == [1_000, 3_000])
        #expect(samples.seconds == 4e-6)
    }

    @Test(arguments: ["", "[]", #"[{"samples_ns": []}]"#, "error: no such model"])
    func refusesWhatIsNoRun(output: String) {
        #expect(throws: (any Error).self) { try LlamaBench.samples(in: Data(output.utf8)) }
    }

    @Test func isAbsentWhereItIsNotInstalled() {
        #expect(LlamaBench(cachePath: "/nowhere") == nil)
    }
}

struct NoisyVectorsTests {
    @Test func hasUnitLengthAndStaysNearWhereItBegan() {
        let centre = [Float](repeating: 1 / Float(384).squareRoot(), count: 384)
        var vectors = NoisyVectors(around: [centre], seed: 1)
        for _ in 0..<50 {
            let vector = vectors.next()
            let length = vector.reduce(0) { $0 + $1 * $1 }
            #expect(abs(length - 1) < 1e-4)
            let cosine = zip(vector, centre).reduce(0) { $0 + $1.0 * $1.1 }
            #expect((0.85...0.95).contains(cosine))
        }
    }

    @Test func isTheSameForTheSameSeed() {
        var first = NoisyVectors(around: [[1, 0, 0]], seed: 3)
        var second = NoisyVectors(around: [[1, 0, 0]], seed: 3)
        #expect(first.next() == second.next())
        #expect(first.next() != first.next())
    }
}

struct DiscoverBenchTests {
    @Test func vectorsHaveUnitLengthAndAreTheSameForTheSameSeed() {
        var first = BlurredVectors(dimension: 48, clusters: 3, seed: 1)
        var second = BlurredVectors(dimension: 48, clusters: 3, seed: 1)
        for _ in 0..<30 {
            let vector = first.next()
            #expect(vector == second.next())
            #expect(abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 1e-4)
        }
        #expect(first.next() != first.next())
    }

    @Test func resolutionsAreARunsOwn() throws {
        let ten = DiscoverBench.resolutions(10)
        #expect(ten.count == 10)
        #expect(ten.first == 0.5)
        #expect(abs(try #require(ten.last) - 32) < 1e-9)
        #expect(ten == ten.sorted())
    }

    @Test func thePlainProgramFindsTheNearest() {
        let table = VectorTable(dimension: 2, rows: [[1, 0], [0, 1], [0.8, 0.6], [0.6, 0.8]])
        #expect(PlainNeighbours.nearest(2, to: 0, in: table) == [2, 3])
        #expect(PlainNeighbours.nearest(9, to: 1, in: table) == [3, 2, 0])
    }

    @Test func aMomentsRunReportsEachFigure() async throws {
        let settings = BenchSettings(isQuick: true, models: ModelPaths(), cachePath: "/nowhere", computeThreads: 2)
        let report = try #require(try await DiscoverBench(settings).run().first)
        // Three runs at each of three resolutions.
        #expect(report.operations == 9)
        #expect(report.extra["utterances"] == 500)
        #expect(report.extra["recall_at_30"] == 1)
        #expect(try #require(report.extra["clusters"]) > 1)
        #expect(try #require(report.extra["cpu_s"]) > 0)
        #expect(try #require(report.extra["peak_mb"]) > 1)
        #expect(try #require(report.ratio["cpu_to_plain_neighbours"]) > 0)
    }
}

struct EncodeBenchTests {
    private func samples(_ microseconds: UInt64, count: Int, seconds: Double) -> LatencySamples {
        LatencySamples(nanoseconds: Array(repeating: microseconds * 1_000, count: count), seconds: seconds)
    }

    @Test func asksForAsMuchGainAsLlamaBenchHas() {
        let reports = EncodeBench.reports(
            samples(1_000, count: 100, seconds: 0.1),
            samples(9_000, count: 1_300, seconds: 1),
            textsPerBatch: 10,
            // A batch of ten texts takes as long as eight texts alone.
            (single: samples(1_000, count: 100, seconds: 0.1), batched: samples(8_000, count: 125, seconds: 1))
        )
        #expect(reports[0].ratio["p50_to_llama_bench"] == 1)
        #expect(reports[1].ratio["throughput_to_one_by_one"] == 1.3)
        #expect(reports[1].ratio["llama_bench_throughput_to_one_by_one"] == 1.25)
        #expect(reports[1].targets["throughput_to_one_by_one"] == .atLeast(1.25))
    }

    @Test func leavesTheComparisonOutWithoutLlamaBench() {
        let single = samples(1_000, count: 10, seconds: 0.01)
        let reports = EncodeBench.reports(single, single, textsPerBatch: 1, nil)
        #expect(reports[0].compared.isEmpty)
        #expect(reports[0].ratio.isEmpty)
    }
}

struct BenchCorpusTests {
    private func file(_ rows: [String]) throws -> String {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("bench-\(UUID()).jsonl").path
        try rows.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    private func rows(_ count: Int) -> [String] {
        (0..<count).map { #"{"text": "sentence \#($0)", "intent": "intent \#($0 % 20)"}"# }
    }

    @Test func keepsEachFifthForAskingWhereNoTestIsNamed() throws {
        let path = try file(rows(50))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let corpus = try BenchCorpus(train: [path], test: [], format: .jsonl)
        #expect(corpus.pairs.count == 40)
        #expect(corpus.questions.count == 10)
        #expect(Set(corpus.questions).isDisjoint(with: corpus.pairs.map(\.text)))
    }

    @Test(arguments: [3, 10])
    func aScoresPairsHaveAsManyIntentsAsThereAreCandidates(candidates: Int) throws {
        let path = try file(rows(100))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let corpus = try BenchCorpus(train: [path], test: [], format: .jsonl)
        var random = SeededGenerator(seed: 1)
        let input = try ScoreBench.input(corpus, question: 3, candidates: candidates, pairs: 10, &random)
        #expect(input.pairs.count == 10)
        #expect(Set(input.pairs.map(\.intent)) == Set(input.candidates))
        #expect(input.candidates.count == candidates)
    }
}

struct LLMClassifyBenchTests {
    private func tally(_ milliseconds: UInt64, count: Int, seconds: Double, scored: Int) -> CallTally {
        var tally = CallTally()
        tally.samples = LatencySamples(
            nanoseconds: Array(repeating: milliseconds * 1_000_000, count: count),
            seconds: seconds
        )
        tally.scored = scored
        return tally
    }

    @Test func setsItsCallsBesidePromptsOfAsManyTokens() {
        let reports = LLMClassifyBench.reports(
            tally(600, count: 10, seconds: 6, scored: 10),
            tally(4_000, count: 32, seconds: 10, scored: 24),
            promptTokens: 150,
            (
                single: LatencySamples(nanoseconds: [500_000_000, 500_000_000], seconds: 1),
                many: LatencySamples(nanoseconds: [250_000_000, 250_000_000], seconds: 0.5)
            )
        )
        #expect(reports.map(\.inFlight) == [1, 16])
        #expect(reports[0].ratio["p50_to_llama_bench"] == 1.2)
        // 3.2 answers a second beside 4 prompts a second.
        #expect(reports[1].ratio["throughput_to_llama_bench"] == 0.8)
        #expect(reports[1].extra["llm_answered"] == 0.75)
        #expect(reports[1].words().contains { $0.contains("llm_answered 0.75 (at least 1.00: NOT REACHED)") })
        #expect(reports[0].extra["prompt_tokens"] == 150)
    }

    @Test func leavesTheComparisonOutWithoutLlamaBench() {
        let single = tally(600, count: 10, seconds: 6, scored: 10)
        let reports = LLMClassifyBench.reports(single, single, promptTokens: 150, nil)
        #expect(reports.allSatisfy { $0.compared.isEmpty && $0.ratio.isEmpty })
        #expect(reports[0].extra["llm_answered"] == 1)
    }
}

struct AutoBenchTests {
    private func side(_ decidedBy: [DecidedBy], right: Int, seconds: Double) throws -> AutoBench.Side {
        let gold = NamedIntent(vertical: .default, path: try IntentPath("orders"))
        let other = NamedIntent(vertical: .default, path: try IntentPath("refund"))
        var side = AutoBench.Side()
        side.add(
            decidedBy.enumerated().map { place, decidedBy in
                EvalAnswer(
                    gold: gold,
                    outcome: .route,
                    leader: place < right ? gold : other,
                    vote: 1,
                    probability: nil,
                    familiarity: 1,
                    retrieved: [],
                    decidedBy: decidedBy
                )
            },
            seconds
        )
        return side
    }

    @Test func tellsWhatIsGainedAndWhatIsLost() throws {
        let auto = try side([.llm, .retrieval, .exact, .degraded], right: 2, seconds: 1)
        let always = try side([.llm, .llm, .exact, .llm], right: 3, seconds: 4)
        let report = AutoBench.report(auto, always)
        #expect(report.ratio["throughput_to_always"] == 4)
        #expect(report.extra["accuracy_lost_points"] == 25)
        #expect(report.extra["asked"] == 0.5)
        #expect(report.extra["always_asked"] == 0.75)
        #expect(report.extra["degraded"] == 0.25)
        #expect(report.words().contains { $0.contains("degraded 0.25 (at most 0: NOT REACHED)") })
    }
}
