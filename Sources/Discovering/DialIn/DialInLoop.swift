internal import Clustering
package import Core

/// The loop of Dial-In LLM: while more than a share eps is unassigned and rounds remain, cluster what is left at several
/// sizes, have every cluster judged, take the size with the greatest #good / (#bad + 1), keep its good clusters and go on
/// with the rest. A round without a good cluster ends it.
///
/// A value; the same field, settings and judgements give the same partition. What is left at the end stays in the clusters
/// that the last round had for it, judged bad.
package struct DialInLoop: Sendable {
    private let base: DiscoverySettings.Base
    private let unassignedShare: Double
    private let rounds: Int
    private let minimumSize: Int
    private let expected: Int?

    private typealias Judged = (rows: [Int], judgement: ClusterJudgement)

    package init(settings: DiscoverySettings) {
        base = settings.base
        unassignedShare = settings.unassignedShare
        rounds = settings.rounds
        minimumSize = settings.minimumSize
        expected = settings.clusters
    }

    /// - Throws: as `ClusterJudge.judge`.
    package func run(
        over field: JudgedField,
        judge: any ClusterJudge,
        progress: @Sendable (Double) async throws -> Void = { _ in },
    ) async throws -> JudgedPartition {
        let all = field.material.utterances.count
        var kept: [Judged] = []
        var rest = Array(0..<all)
        var unclear: [Judged] = rest.isEmpty ? [] : [(rest, ClusterJudgement.ofNothing)]
        for round in 0..<rounds where Double(rest.count) > unassignedShare * Double(all) {
            let candidates = candidates(of: rest, in: field, round: round)
            var best: (score: Double, share: Double, clusters: [Judged])?
            for (place, clusters) in candidates.enumerated() {
                let start = (Double(round) + Double(place) / Double(candidates.count)) / Double(rounds)
                let step = 1 / Double(rounds * candidates.count)
                var beside = field
                beside.beside = field.beside + kept.map(\.rows)
                let judgements = try await judge.judge(clusters, of: beside) { share in
                    try await progress(start + share * step)
                }
                let judged = zip(clusters, judgements).map { (rows: $0, judgement: $1) }
                let (score, share) = score(judged)
                // The first, so the coarsest, of equals.
                if best.map({ (score, share) > ($0.score, $0.share) }) ?? true { best = (score, share, judged) }
            }
            guard let best else { break }
            unclear = best.clusters.filter { !isKept($0) }
            let good = best.clusters.filter(isKept)
            if good.isEmpty { break }
            kept += good
            rest = unclear.flatMap(\.rows).sorted()
        }
        try await progress(1)
        return JudgedPartition(kept + unclear.map(asUnclear), count: all)
    }

    /// What is too small for a proposal is no success, however pure.
    private func isKept(_ cluster: Judged) -> Bool {
        cluster.judgement.isGood && cluster.rows.count >= minimumSize
    }

    private func asUnclear(_ cluster: Judged) -> Judged {
        var cluster = cluster
        cluster.judgement.isGood = false
        return cluster
    }

    /// The paper's figure, and the rows that can be expected to be good.
    private func score(_ clusters: [Judged]) -> (score: Double, share: Double) {
        let good = clusters.filter(isKept)
        return (
            Double(good.count) / Double(clusters.count - good.count + 1),
            good.reduce(0) { $0 + $1.judgement.probability * Double($1.rows.count) }
        )
    }

    /// Partitions of the rest, from coarse to fine.
    private func candidates(of rest: [Int], in field: JudgedField, round: Int) -> [[[Int]]] {
        let seed = field.seed &+ UInt64(round)
        let table = field.material.clusteringVectors.table(of: rest)
        let sizes = DialInSizes(
            rest: rest.count,
            of: field.material.utterances.count,
            minimumSize: minimumSize,
            expected: expected
        )
        let partitions: [Partition]
        switch base {
        case .kMeans:
            partitions = sizes.counts.map { BaseClustering.kMeans(table, clusters: $0, restarts: 2, seed: seed) }
        case .ward:
            let tree = WardTree(table)
            partitions = sizes.counts.map { tree.cut(clusters: $0) }
        case .leiden:
            let graph = field.graph.subgraph(rest)
            partitions = [0.5, 1, 2, 4, 8, 16, 32].map { (resolution: Double) in
                graph.leiden(resolution: resolution, iterations: 3, seed: seed)
            }
        }
        return partitions.filter { $0.clusterCount >= 2 }.map { partition in
            partition.members().map { members in members.map { rest[$0] } }
        }
    }
}
