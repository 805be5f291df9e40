import Core
import Evaluating
import Foundation
import FoundationXML
import Node
import SwitchboardClient
import Testing

/// The tables on a part of the project's own corpus: a real node, real sockets, the real models.
@Suite(.serialized)
struct TablesRunTests {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("deploy/demo-data").path

    /// So many intents of each vertical, with so many train utterances each.
    private static func data(intents: Int, perIntent: Int, verticals: [String]) throws -> EvalData {
        let all = try EvalData(
            reading: EvalFiles(
                train: verticals.map { "\(folder)/\($0).train.jsonl" },
                test: verticals.map { "\(folder)/\($0).test.jsonl" },
                outOfScope: ["\(folder)/oos.jsonl"]
            )
        )
        let byVertical = Dictionary(grouping: Set(all.train.map(\.gold)), by: \.vertical)
        let kept = Set(byVertical.values.flatMap { $0.sorted().prefix(intents) })
        return EvalData(
            train: all.train.filter { kept.contains($0.gold) },
            test: all.test.filter { kept.contains($0.gold) },
            outOfScope: Array(all.outOfScope.prefix(10))
        ).drawing(perIntent: perIntent, seed: 1)
    }

    private static func make(
        _ data: EvalData,
        _ settings: EvalSettings,
        _ tables: TablesSettings,
        models: ModelPaths,
    ) async throws -> (outcome: EvalOutcome, tables: EvalTables) {
        try await TemporaryNode.run(models: models, computeThreads: 2) {
            client -> (outcome: EvalOutcome, tables: EvalTables) in
            let outcome = try await EvalRun(client: client, data: data, settings: settings).run()
            let run = TablesRun(client: client, data: data, settings: settings, tables: tables, evaluation: outcome)
            return (outcome: outcome, tables: try await run.run())
        }
    }

    private func table(_ name: String, of tables: EvalTables) throws -> DataTable {
        try #require(tables.tables.first { $0.name == name })
    }

    @Test(.timeLimit(.minutes(10))) func measuresEveryMethodOnTheSameUtterances() async throws {
        let data = try Self.data(intents: 6, perIntent: 8, verticals: ["orders", "devices"])
        let settings = EvalSettings(latencyCalls: 0, leaveOneOutSample: 60)
        let sizes = TablesSettings(
            neighbours: [1, 3, 10],
            timedCalls: 3,
            linear: .init(strengths: [0.1, 0.01], epochs: 10)
        )
        let (outcome, tables) = try await Self.make(data, settings, sizes, models: try TestNode.models())
        let methods = try table("methods", of: tables)
        let names = ["linear-tfidf", "linear-encoder", "vote-bm25", "vote-encoder", "vote-hybrid", "retrieval"]
        #expect(methods.rows.map { $0[1] } == names.flatMap { Array(repeating: $0, count: 3) })
        for row in methods.rows where row[2] == "*" {
            #expect(row[3] == String(data.test.count))
            // Far above the chance of one in twelve, whatever the method.
            #expect(try #require(Double(row[4])) > 0.15, "\(row[1])")
            #expect(row[8] == String(data.train.count))
            #expect(try #require(Double(row[9])) >= 0)
        }
        // What is decided here from what the node retrieved is what the node decides.
        let retrieval = try #require(methods.rows.first { $0[1] == "retrieval" && $0[2] == "*" })
        #expect(abs(try #require(Double(retrieval[4])) - outcome.report.accuracy) < 0.02)

        let retrievers = try table("retrievers", of: tables)
        #expect(retrievers.rows.map { $0[0] + $0[1] }.count == 9)
        for retriever in ["bm25", "encoder", "hybrid"] {
            let recall = retrievers.rows.filter { $0[0] == retriever }.compactMap { Double($0[2]) }
            #expect(recall.count == 3 && recall == recall.sorted())
        }
        let unseen = try table("unseen-vertical", of: tables)
        #expect(Set(unseen.rows.map { $0[0] }) == ["devices", "orders"])
        #expect(Set(unseen.rows.map { $0[1] }) == ["vote-bm25", "vote-encoder", "vote-hybrid", "retrieval"])
        #expect(try table("neighbours", of: tables).rows.map { $0[0] } == ["1", "3", "10"])
        #expect(try table("out-of-scope", of: tables).rows.allSatisfy { $0[2] == "10" })
        #expect(try table("calibration", of: tables).rows.count == names.count)
        #expect(!(try table("methods", of: tables).rows.contains { $0[0] == "sample" }))
        // Of 1, 3 and 10 none is more than the usual 10.
        #expect(!tables.tables.contains { $0.name == "widening" || $0.name == "asking" })
    }

    @Test(.timeLimit(.minutes(10))) func filesCanBeReadAgain() async throws {
        let data = try Self.data(intents: 4, perIntent: 4, verticals: ["orders"])
        let settings = EvalSettings(latencyCalls: 0, leaveOneOutSample: 20)
        let sizes = TablesSettings(neighbours: [1, 5], timedCalls: 0, linear: .init(strengths: [0.1], epochs: 5))
        let tables = try await Self.make(data, settings, sizes, models: try TestNode.models()).tables
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tables-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try tables.write(to: folder + "/deeper")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder + "/deeper").sorted()
        // One vertical, so there is no unseen one.
        #expect(
            files == [
                "calibration.csv", "coverage.csv", "coverage.svg", "methods.csv", "neighbours.csv", "neighbours.svg",
                "out-of-scope.csv", "paired.csv", "reliability.csv", "reliability.svg", "retrievers.csv",
                "settings.csv",
            ]
        )
        for file in files where file.hasSuffix(".svg") {
            let content = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/deeper/\(file)"))
            #expect(XMLParser(data: content).parse(), "\(file)")
        }
        #expect(tables.lines.contains { $0.hasPrefix("Table 1") })
    }

    @Test(.timeLimit(.minutes(10))) func theLanguageModelIsAskedOfASample() async throws {
        var models = try TestNode.models()
        models.scorer =
            ModelPaths.installed(in: ModelPaths.cache(environment: ProcessInfo.processInfo.environment)).scorer
        try #require(models.scorer != nil, "there is no language model; install it with: deploy/setup")
        let data = try Self.data(intents: 4, perIntent: 4, verticals: ["orders"])
        var settings = EvalSettings(llm: .always, callsInFlight: 2, latencyCalls: 0, leaveOneOutSample: 20)
        settings.llmFitSample = 3
        // The evaluation itself asks the model of every test utterance, so there are few.
        let few = EvalData(train: data.train, test: Array(data.test.prefix(6)))
        let sizes = TablesSettings(
            neighbours: [1, 5],
            sample: 4,
            timedCalls: 1,
            timedLLMCalls: 1,
            linear: .init(strengths: [0.1], epochs: 5)
        )
        let tables = try await Self.make(few, settings, sizes, models: models).tables
        let rows = try table("methods", of: tables).rows
        let sampled = rows.filter { $0[0] == "sample" }
        #expect(sampled.count == 10)
        #expect(sampled.allSatisfy { $0[3] == "4" })
        #expect(
            sampled.suffix(4).map { $0[1] } == [
                "llm-without-retrieval", "llm-with-retrieval", "retrieval-llm-auto", "retrieval-llm-always",
            ]
        )
        #expect(rows.filter { $0[0] == "all" }.allSatisfy { $0[3] == "6" })
        #expect(try table("calibration", of: tables).rows.count == 10)
        // What the evaluation itself answered stands among the rows on all utterances.
        #expect(rows.contains { $0[0] == "all" && $0[1] == "retrieval-llm-always" })
        let pairs = try table("paired", of: tables).rows.map { "\($0[0]): \($0[1]) against \($0[2])" }
        #expect(pairs.contains("all: retrieval-llm-always against retrieval"))
        #expect(pairs.contains("sample: retrieval-llm-always against retrieval-llm-auto"))
        #expect(try table("asking", of: tables).rows[0][0] == "fitted")
    }

    @Test(.timeLimit(.minutes(10))) func withFewExemplarsTheValidationDataDoesNotJoin() async throws {
        let data = try Self.data(intents: 4, perIntent: 6, verticals: ["orders"])
        let split = EvalData(
            train: data.train.enumerated().filter { $0.offset % 2 == 0 }.map(\.element),
            valid: data.train.enumerated().filter { $0.offset % 2 == 1 }.map(\.element),
            test: data.test
        ).drawing(perIntent: 2, seed: 3)
        var settings = EvalSettings(latencyCalls: 0)
        settings.learnsValid = false
        let sizes = TablesSettings(neighbours: [1], timedCalls: 0, linear: .init(strengths: [0.1], epochs: 5))
        let (outcome, tables) = try await Self.make(split, settings, sizes, models: try TestNode.models())
        #expect(split.train.count <= 8)
        #expect(outcome.report.indexSize == split.train.count)
        #expect(try table("methods", of: tables).rows.allSatisfy { $0[8] == String(split.train.count) })
    }

    @Test(.timeLimit(.minutes(10))) func withoutTrainDataThereIsNothingToCompareWith() async throws {
        let data = try Self.data(intents: 4, perIntent: 4, verticals: ["orders"])
        let settings = EvalSettings(latencyCalls: 0, leaveOneOutSample: 20)
        try await TestNode.run { client in
            let outcome = try await EvalRun(client: client, data: data, settings: settings).run()
            let run = TablesRun(
                client: client,
                data: EvalData(train: [], test: data.test),
                settings: settings,
                evaluation: outcome
            )
            await #expect(throws: SwitchboardError.self) { _ = try await run.run() }
        }
    }
}
