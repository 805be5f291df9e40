import Core
import Datasets
import Discovering
import Foundation
import Node
import Testing

@testable import Evaluating

/// Callers who want the same in four languages and two scripts, and an encoder file that knows all four: BERT's architecture
/// with SentencePiece's unigram pieces, as multilingual encoders have (Tests/Fixtures/languages).
@Suite(.timeLimit(.minutes(2))) struct ManyLanguagesTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Fixtures/languages")

    private static func measure(_ models: ModelPaths) async throws -> DiscoveryEvalRun.Outcome {
        let file = folder.appendingPathComponent("utterances.jsonl").path
        let set = GoldSet(try DatasetReader.readAll(DatasetLocation(file)))
        var run = DiscoverySettings()
        // Six clusters are too few for a judge that was fitted to pools of some hundred.
        run.judge = .none
        let settings = DiscoveryEvalSettings(run: run, threads: 1)
        return try await LocalEngines.with(models, threads: 1) { engines in
            try await DiscoveryEvalRun(set, engines: engines, settings: settings).run()
        }
    }

    private static func areSpokenOf(_ outcome: DiscoveryEvalRun.Outcome) -> Bool {
        outcome.run.notes.contains { $0.contains("75 % Latin, 25 % Greek") }
    }

    @Test func anEncoderForManyLanguagesPutsEqualIntentsTogether() async throws {
        let encoder = Self.folder.appendingPathComponent("encoder.gguf").path
        let outcome = try await Self.measure(ModelPaths(encoder: encoder))
        #expect(outcome.report.n == 120 && outcome.report.goldClusters == 6)
        #expect(outcome.report.clusters == 6)
        #expect(outcome.report.nmi > 0.99)
        #expect(Self.areSpokenOf(outcome))
        // Each has a name, of words of whichever language.
        #expect(Set(outcome.run.proposals.map(\.name.label)).count == 6)
        #expect(outcome.run.proposals.allSatisfy { !$0.name.label.isEmpty && $0.name.source == .keywords })
    }

    @Test func anEncoderForOneLanguageKeepsThemApart() async throws {
        let outcome = try await Self.measure(try TestNode.models())
        #expect(outcome.report.nmi < 0.5)
        // What it cannot do is told.
        #expect(Self.areSpokenOf(outcome))
    }
}
