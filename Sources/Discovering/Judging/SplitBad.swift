internal import Clustering
internal import Core

/// Splits clusters that were judged bad, as far as that brings more utterances into good ones.
///
/// A bad cluster is partitioned by Leiden inside, finer from try to try; its parts are judged with all other clusters
/// beside them. A split is taken where the parts that are judged good promise more good utterances, by their
/// probabilities, than the cluster did as a whole; else the cluster stays as it was. Parts that stay bad are tried again.
/// Good clusters are never touched, and no row ever leaves the partition.
///
/// - Parameters:
///   - minimumSize: a part of fewer rows joins the part that most of its neighbours are in.
///   - progress: as in `ClusterJudge.judge`.
/// - Throws: as `ClusterJudge.judge`.
package func splitBad(
    _ judged: JudgedPartition,
    of field: JudgedField,
    by judge: any ClusterJudge,
    minimumSize: Int,
    progress: @Sendable (Double) async throws -> Void = { _ in },
) async throws -> JudgedPartition {
    // The lenient judge finds nothing bad, and every other partition has an end.
    let resolutions = [0.5, 1.0, 2.0, 4.0]
    // In shares of the cluster. A part is judged better than the whole for its size alone, and one intent in many parts
    // helps nobody: on HWU64 splits for less (0.5) made a quarter more clusters, of which fewer were what they promised.
    let leastGain = 0.7
    var clusters = zip(judged.partition.members(), judged.judgements).map { (rows: $0, judgement: $1) }
    for (step, resolution) in resolutions.enumerated() {
        let start = Double(step) / Double(resolutions.count)
        try await progress(start)
        let splits = clusters.indices.compactMap { number in
            BadClusterParts(number, clusters[number], of: field, resolution: resolution, minimumSize: minimumSize)
        }
        guard !splits.isEmpty else { continue }
        let isSplit = Set(splits.map(\.number))
        var beside = field
        beside.beside = field.beside + clusters.indices.filter { !isSplit.contains($0) }.map { clusters[$0].rows }
        let judgements = try await judge.judge(splits.flatMap(\.parts), of: beside) { share in
            try await progress(start + share / Double(resolutions.count))
        }
        var next = clusters
        var place = 0
        var added: [(rows: [Int], judgement: ClusterJudgement)] = []
        for split in splits {
            let told = Array(judgements[place..<place + split.parts.count])
            place += split.parts.count
            let gain = split.gain(told, over: clusters[split.number].judgement)
            guard gain >= leastGain * Double(split.rowCount) else { continue }
            let parts = zip(split.parts, told).map { (rows: $0, judgement: $1) }
            next[split.number] = parts[0]
            added += parts.dropFirst()
        }
        clusters = next + added
    }
    try await progress(1)
    return JudgedPartition(clusters, count: judged.partition.clusters.count)
}

/// A bad cluster in parts.
private struct BadClusterParts {
    /// Among the clusters.
    let number: Int
    /// Two at least, ascending rows.
    let parts: [[Int]]

    /// Nil where the cluster is good, too small for two, or does not come apart.
    init?(
        _ number: Int,
        _ cluster: (rows: [Int], judgement: ClusterJudgement),
        of field: JudgedField,
        resolution: Double,
        minimumSize: Int,
    ) {
        guard !cluster.judgement.isGood, cluster.rows.count >= 2 * max(1, minimumSize) else { return nil }
        let inside = field.graph.subgraph(cluster.rows)
            .leiden(resolution: resolution, iterations: 3, seed: field.seed)
        let found = inside.members().map { part in part.map { cluster.rows[$0] } }
        let parts = Self.joiningSmall(found, minimumSize: minimumSize, lists: field.lists)
        guard parts.count >= 2 else { return nil }
        self.number = number
        self.parts = parts
    }

    /// Rows that can be expected to be good now and were not before.
    func gain(_ judgements: [ClusterJudgement], over whole: ClusterJudgement) -> Double {
        var good = 0.0
        for (part, judgement) in zip(parts, judgements) where judgement.isGood {
            good += judgement.probability * Double(part.count)
        }
        return good - whole.probability * Double(rowCount)
    }

    var rowCount: Int { parts.reduce(0) { $0 + $1.count } }

    /// Small parts go to the large one that holds most of their neighbours, the first of equals; none where all are small.
    private static func joiningSmall(_ parts: [[Int]], minimumSize: Int, lists: NeighbourLists) -> [[Int]] {
        var large = parts.filter { $0.count >= minimumSize }
        guard !large.isEmpty else { return [] }
        var places: [Int32: Int] = [:]
        for (number, part) in large.enumerated() {
            for row in part { places[Int32(row)] = number }
        }
        for part in parts where part.count < minimumSize {
            var counts = [Int](repeating: 0, count: large.count)
            for row in part {
                for neighbour in lists.rows[row * lists.k..<(row + 1) * lists.k] {
                    if let place = places[neighbour] { counts[place] += 1 }
                }
            }
            let most = counts.max() ?? 0
            large[counts.firstIndex(of: most) ?? 0] += part
        }
        return large.map { $0.sorted() }
    }
}
