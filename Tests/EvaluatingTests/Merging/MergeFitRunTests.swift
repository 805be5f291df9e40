import Core
import Discovering
import Testing

@testable import Evaluating

/// Merging is fitted on pools whose labels are known.
struct MergeFitRunTests {
    private static var settings: DiscoverySettings {
        var settings = DiscoverySettings()
        settings.judge = .none
        settings.namesByModel = false
        return settings
    }

    private static func pools() throws -> (pools: [MergeFitRun.Pool], engines: PlantedEngines) {
        let one = try PlantedEngines.planted(intents: 5, each: 12, seed: 1)
        let other = try PlantedEngines.planted(intents: 5, each: 12, seed: 2)
        let vectors = one.engines.vectors.merging(other.engines.vectors) { first, _ in first }
        return (
            [MergeFitRun.Pool(name: "one", set: one.set), MergeFitRun.Pool(name: "other", set: other.set)],
            PlantedEngines(vectors: vectors)
        )
    }

    @Test(.timeLimit(.minutes(1))) func aPoolIsToldByAFitToTheOthers() async throws {
        let (pools, engines) = try Self.pools()
        let run = MergeFitRun(settings: Self.settings, engines: engines)
        let outcome = try await run.run(pools: pools)
        #expect(outcome.rows.map(\.pool) == ["one", "other"])
        for row in outcome.rows {
            #expect((0.3...1).contains(row.unmerged) && (0...1).contains(row.shipped))
            #expect(try #require(row.heldOut) <= 1)
        }
        #expect(outcome.fit.score >= outcome.fit.unmerged)
        let mean = outcome.rows.reduce(0) { $0 + $1.unmerged } / 2
        #expect(abs(outcome.fit.unmerged - mean) < 1e-9)
    }

    @Test(.timeLimit(.minutes(1))) func onePoolAloneHasNoOthers() async throws {
        let (pools, engines) = try Self.pools()
        let outcome = try await MergeFitRun(settings: Self.settings, engines: engines).run(pools: [pools[0]])
        #expect(outcome.rows.map(\.heldOut) == [nil])
    }

    @Test(.timeLimit(.minutes(1))) func filesWithoutAClusterAreRefused() async throws {
        let few = GoldSet([try Planted.row("about a parcel", "ask-parcel")])
        let run = MergeFitRun(settings: Self.settings, engines: PlantedEngines(vectors: [:]))
        await #expect(throws: SwitchboardError.self) {
            try await run.run(pools: [MergeFitRun.Pool(name: "few", set: few)])
        }
    }
}
