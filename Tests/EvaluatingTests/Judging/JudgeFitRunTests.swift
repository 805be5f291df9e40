import Clustering
import Core
import Discovering
import Foundation
import Testing

@testable import Evaluating

/// Judges are fitted to pools whose labels are known, and told by pools that they were not fitted to.
struct JudgeFitRunTests {
    private static let intents = 5
    private static let each = 24

    private static func pool(_ name: String, seed: UInt64) throws -> JudgePool {
        let (set, _) = try PlantedEngines.planted(intents: intents, each: each, seed: seed)
        return JudgePool(
            name: name,
            material: Material(
                utterances: set.utterances,
                vectors: Planted.vectors(intents: intents, each: each, seed: seed)
            ),
            labels: (0..<intents * each).map { $0 / each }
        )
    }

    private static func run() -> JudgeFitRun {
        var settings = JudgeFitRun.Settings()
        settings.mixes = 40
        return JudgeFitRun(settings: settings, engines: PlantedEngines(vectors: [:]))
    }

    @Test(.timeLimit(.minutes(5))) func eachPoolIsToldByAFitToOthers() async throws {
        let pools = [try Self.pool("one", seed: 1), try Self.pool("two", seed: 2)]
        let kept = [try Self.pool("three", seed: 3)]
        let outcome = try await Self.run().run(pools: pools, test: kept, base: .builtin)
        for judge in ["vectors", "mixes"] {
            let rows = outcome.rows.filter { $0.judge == judge }
            #expect(rows.map(\.pool) == ["one", "two", "three"])
            #expect(rows.map(\.isTest) == [false, false, true])
            #expect(rows.allSatisfy { !$0.isTuned && $0.figures.clusters > 5 })
        }
        let mixes = try #require(outcome.rows.last { $0.judge == "mixes" })
        #expect(try #require(mixes.figures.auroc) > 0.5)
        let weights = outcome.weights
        #expect(weights.fittedOn == ["one", "two"])
        #expect(weights.published.vectors.features == JudgeFeature.allCases.map(\.rawValue))
        // Nobody was asked, and nothing was tuned.
        #expect(weights.published.scorer == JudgeWeights.builtin.published.scorer)
        #expect(weights.tuned == JudgeWeights.builtin.tuned)
        let read = try JSONDecoder().decode(JudgeWeights.self, from: weights.written())
        #expect(
            read.published.vectors.features == weights.published.vectors.features && read.fittedOn == ["one", "two"]
        )
    }

    @Test(.timeLimit(.minutes(5))) func aScorerThatIsAskedForHasToBeThere() async throws {
        var settings = JudgeFitRun.Settings()
        settings.mixes = 20
        settings.scored = 10
        let run = JudgeFitRun(settings: settings, engines: PlantedEngines(vectors: [:]))
        let pool = try Self.pool("one", seed: 1)
        await #expect(throws: SwitchboardError.self) { try await run.run(pools: [pool], test: [], base: .builtin) }
    }
}
