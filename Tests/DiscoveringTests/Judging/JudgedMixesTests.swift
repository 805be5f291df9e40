import Clustering
import Core
import Testing

@testable import Discovering

@Suite struct JudgedMixesTests {
    @Test func mixesHaveStrangersInTurn() throws {
        let pool = try PlantedPool()
        let clusters = (0..<8).map { pool.rows($0) }
        let drawn = DrawnMixes(from: clusters, in: pool.material.vectors, count: 40, seed: 1)
        #expect(drawn.mixes.count == 40)
        for (mix, isPure) in zip(drawn.mixes, drawn.isPure) {
            #expect(mix.count == DrawnMixes.size && Set(mix).count == mix.count && mix == mix.sorted())
            let share = pool.purity(mix)
            #expect(isPure ? share == 1 : (0.5...0.8).contains(share))
        }
        #expect(drawn.isPure.count { $0 } == 20)
        let again = DrawnMixes(from: clusters, in: pool.material.vectors, count: 40, seed: 1)
        #expect(again.mixes == drawn.mixes)
    }

    @Test func fewClustersMakeNoMixes() throws {
        let pool = try PlantedPool(intents: 4)
        let drawn = DrawnMixes(
            from: [pool.rows(0), pool.rows(1), pool.rows(2)],
            in: pool.material.vectors,
            count: 9,
            seed: 1
        )
        #expect(drawn.mixes.isEmpty && drawn.isPure.isEmpty)
    }

    @Test(arguments: [40, 60]) func pureMixesLeadHoweverDensePoolsAre(each: Int) throws {
        let pool = try PlantedPool(each: each, noise: 0.4)
        let drawn = DrawnMixes(
            from: (0..<8).map { pool.rows($0) },
            in: pool.material.vectors,
            count: 60,
            seed: 7
        )
        let judgements = JudgedMixes(weights: .builtin).judge(drawn.mixes, of: pool.field)
        let pairs = zip(judgements, drawn.isPure)
        let auroc = Measure.auroc(
            positive: pairs.filter { $0.1 }.map(\.0.probability),
            negative: pairs.filter { !$0.1 }.map(\.0.probability)
        )
        #expect(try #require(auroc) > 0.9)
        #expect(judgements.allSatisfy { $0.low <= $0.probability && $0.probability <= $0.high })
        #expect(JudgedMixes(weights: .builtin).judge([[0]], of: pool.field) == [.ofNothing])
    }
}
