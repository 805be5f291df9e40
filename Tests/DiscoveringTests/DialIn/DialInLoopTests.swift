import Clustering
import Core
import Testing

@testable import Discovering

@Suite struct DialInLoopTests {
    @Test(arguments: DiscoverySettings.Base.allCases)
    func aJudgeThatKnowsFindsTheIntents(base: DiscoverySettings.Base) async throws {
        let pool = try PlantedPool(noise: 0.3)
        let judge = OracleJudge(pool: pool)
        var settings = DiscoverySettings()
        settings.base = base
        let loop = DialInLoop(settings: settings)
        let found = try await loop.run(over: pool.field, judge: judge)
        #expect(found.partition.clusters.count == pool.labels.count)
        #expect(found.judgements.count == found.partition.clusterCount)
        #expect(found.expectedGoodShare > 0.7)
        for (cluster, judgement) in zip(found.partition.members(), found.judgements) where judgement.isGood {
            #expect(pool.purity(cluster) >= 0.8)
        }
        let again = try await loop.run(over: pool.field, judge: OracleJudge(pool: pool))
        #expect(again.partition == found.partition && again.judgements == found.judgements)
    }

    @Test func aRoundWithoutAGoodClusterEndsIt() async throws {
        let pool = try PlantedPool()
        let judge = OracleJudge(pool: pool) { _ in false }
        let found = try await DialInLoop(settings: DiscoverySettings()).run(over: pool.field, judge: judge)
        #expect(!found.judgements.contains { $0.isGood })
        #expect(found.partition.clusters.count == pool.labels.count)
        // One round's candidates, each cluster once.
        let sizes = DialInSizes(rest: pool.labels.count, of: pool.labels.count, minimumSize: 5, expected: nil)
        #expect(judge.effort.total.llmCalls <= sizes.counts.reduce(0, +))
    }

    @Test func aWholeShareLeftUnassignedNeedsNoRound() async throws {
        let pool = try PlantedPool(intents: 2)
        var settings = DiscoverySettings()
        settings.unassignedShare = 1
        let judge = OracleJudge(pool: pool)
        let found = try await DialInLoop(settings: settings).run(over: pool.field, judge: judge)
        #expect(found.partition.clusterCount == 1)
        #expect(judge.effort.total.llmCalls == 0)
    }

    @Test func whatTheProgressThrowsEndsIt() async throws {
        let pool = try PlantedPool(intents: 2)
        await #expect(throws: CancellationError.self) {
            _ = try await DialInLoop(settings: DiscoverySettings()).run(
                over: pool.field,
                judge: OracleJudge(pool: pool)
            ) {
                _ in throw CancellationError()
            }
        }
    }
}

@Suite struct DialInSizesTests {
    @Test func sizesReachFromCoarseToFine() {
        let sizes = DialInSizes(rest: 3_000, of: 3_000, minimumSize: 5, expected: nil)
        #expect(sizes.counts.count == DialInSizes.tries)
        #expect(sizes.counts.first == 4 && sizes.counts.last == 300)
        #expect(sizes.counts == sizes.counts.sorted())
    }

    @Test func theySurroundWhatIsExpectedOfTheRest() {
        let sizes = DialInSizes(rest: 500, of: 1_000, minimumSize: 5, expected: 40)
        #expect(sizes.counts.contains(20))
        #expect(sizes.counts.first == 10 && sizes.counts.last == 40)
    }

    @Test(arguments: [0, 1, 9, 10, 30]) func aSmallRestHasFewSizesOrNone(rest: Int) {
        let sizes = DialInSizes(rest: rest, of: 1_000, minimumSize: 5, expected: nil)
        #expect(sizes.counts.allSatisfy { $0 >= 2 && $0 <= rest / 5 })
        #expect(sizes.counts.isEmpty == (rest < 10))
        #expect(Set(sizes.counts).count == sizes.counts.count)
    }
}
