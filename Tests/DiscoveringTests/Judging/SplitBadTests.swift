import Clustering
import Core
import Testing

@testable import Discovering

@Suite struct SplitBadTests {
    /// Intents 0 to 3 by themselves, 4 and 5 in one, 6 and 7 in one.
    private func partition(of pool: PlantedPool) -> Partition {
        Partition(labels: pool.labels.map { $0 < 4 ? $0 : $0 / 2 * 2 })
    }

    @Test func badClustersComeApartAndGoodOnesStay() async throws {
        let pool = try PlantedPool(noise: 0.3)
        let judge = OracleJudge(pool: pool)
        let before = try await JudgedPartition.judging(partition(of: pool), of: pool.field, by: judge)
        let after = try await splitBad(before, of: pool.field, by: judge, minimumSize: 5)
        #expect(after.partition.clusters.count == pool.labels.count)
        #expect(after.judgements.count == after.partition.clusterCount)
        #expect(after.expectedGoodShare > before.expectedGoodShare)
        let members = after.partition.members()
        for intent in 0..<4 { #expect(members.contains(pool.rows(intent))) }
        for (cluster, judgement) in zip(members, after.judgements) {
            #expect(judgement.isGood == (pool.purity(cluster) >= 0.8))
            #expect(cluster.count >= 5)
        }
        let again = try await splitBad(before, of: pool.field, by: judge, minimumSize: 5)
        #expect(again.partition == after.partition && again.judgements == after.judgements)
    }

    @Test func aSplitThatPromisesNothingIsNotTaken() async throws {
        let pool = try PlantedPool()
        let judge = OracleJudge(pool: pool) { _ in false }
        let before = try await JudgedPartition.judging(partition(of: pool), of: pool.field, by: judge)
        let after = try await splitBad(before, of: pool.field, by: judge, minimumSize: 5)
        #expect(after.partition == before.partition)
        #expect(after.judgements == before.judgements)
    }

    @Test func whatIsGoodIsNotJudgedAgain() async throws {
        let pool = try PlantedPool()
        let judge = OracleJudge(pool: pool)
        let pure = Partition(labels: pool.labels)
        let before = try await JudgedPartition.judging(pure, of: pool.field, by: judge)
        let calls = judge.effort.total.llmCalls
        let after = try await splitBad(before, of: pool.field, by: judge, minimumSize: 5)
        #expect(after.partition == pure)
        #expect(judge.effort.total.llmCalls == calls)
    }

    @Test func judgementsFollowTheirClusters() {
        let (good, bad) = (
            ClusterJudgement(probability: 0.9, low: 0.8, high: 1, isGood: true),
            ClusterJudgement(probability: 0.1, low: 0, high: 0.2, isGood: false)
        )
        let judged = JudgedPartition([(rows: [1, 3], judgement: bad), (rows: [0, 2, 4], judgement: good)], count: 5)
        #expect(judged.partition.clusters == [0, 1, 0, 1, 0])
        #expect(judged.judgements == [good, bad])
        #expect(abs(judged.expectedGoodShare - 0.9 * 3 / 5) < 1e-12)
    }
}
