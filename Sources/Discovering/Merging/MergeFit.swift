package import Clustering
internal import Core

/// Fits when clusters are merged, on sets whose intents are known.
package struct MergeFit: Sendable, Hashable {
    /// Clusters of a labelled set, as they are before merging.
    package struct LabelledSet: Sendable {
        package var labels: VectorTable
        package var clusters: [[Int]]
        package var mergeable: [Bool]
        package var vectors: VectorTable
        /// Of each row of `vectors`, which the clusters hold each once, the number of its intent.
        package var gold: [Int]

        package init(labels: VectorTable, clusters: [[Int]], mergeable: [Bool], vectors: VectorTable, gold: [Int]) {
            self.labels = labels
            self.clusters = clusters
            self.mergeable = mergeable
            self.vectors = vectors
            self.gold = gold
        }
    }

    package static let angles = [0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
    package static let coMemberships = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
    package static let scales = [0.02, 0.05, 0.1, 0.2, 0.5, 1.0]

    package let settings: MergeSettings
    /// Mean over the sets of (NMI + ACC) / 2 after merging with the settings.
    package let score: Double
    /// The same without merging anything.
    package let unmerged: Double

    /// The settings with the best score; among equal ones the most careful: the smallest angle, then the greatest
    /// co-membership, then the greatest concentration.
    package init(
        to sets: [LabelledSet],
        angles: [Double] = MergeFit.angles,
        coMemberships: [Double] = MergeFit.coMemberships,
        scales: [Double] = MergeFit.scales,
    ) {
        let start = MergeSettings(angle: 0, coMembership: 1, concentrationScale: 1)
        let widest = angles.max() ?? 0
        let pairs = sets.map { ClusterMerging.pairs(labels: $0.labels, mergeable: $0.mergeable, within: widest) }
        unmerged = Self.mean(sets.map { Self.score(of: $0.clusters.indices.map { [$0] }, in: $0) })
        var (best, bestScore) = (start, unmerged)
        for scale in scales.sorted(by: >) {
            let memberships = sets.map { CoMembership(of: $0.vectors, clusters: $0.clusters, scale: scale) }
            for angle in angles.sorted() {
                for coMembership in coMemberships.sorted(by: >) {
                    let settings = MergeSettings(angle: angle, coMembership: coMembership, concentrationScale: scale)
                    let scores = sets.indices.map { place in
                        let merging = ClusterMerging(
                            pairs: pairs[place].filter { $0.angle <= angle },
                            membership: memberships[place],
                            sizes: sets[place].clusters.map(\.count),
                            utterances: sets[place].gold.count,
                            settings: settings
                        )
                        return Self.score(of: merging.groups, in: sets[place])
                    }
                    let score = Self.mean(scores)
                    let isBetter = score > bestScore + 1e-9
                    let isAsGood = score > bestScore - 1e-9 && score > unmerged + 1e-9
                    let isMoreCareful =
                        (angle, -coMembership, -scale) < (best.angle, -best.coMembership, -best.concentrationScale)
                    if isBetter || isAsGood && isMoreCareful { (best, bestScore) = (settings, max(score, bestScore)) }
                }
            }
        }
        settings = best
        score = bestScore
    }

    /// (NMI + ACC) / 2 of a set after merging with the settings.
    package static func score(of set: LabelledSet, under settings: MergeSettings) -> Double {
        let merging = ClusterMerging(
            labels: set.labels,
            clusters: set.clusters,
            mergeable: set.mergeable,
            vectors: set.vectors,
            utterances: set.gold.count,
            settings: settings
        )
        return score(of: merging.groups, in: set)
    }

    private static func score(of groups: [[Int]], in set: LabelledSet) -> Double {
        var found = [Int](repeating: -1, count: set.gold.count)
        for (group, clusters) in groups.enumerated() {
            for cluster in clusters {
                for row in set.clusters[cluster] { found[row] = group }
            }
        }
        let information = Measure.normalisedMutualInformation(gold: set.gold, clusters: found) ?? 0
        let accuracy = Measure.clusteringAccuracy(gold: set.gold, clusters: found) ?? 0
        return (information + accuracy) / 2
    }

    private static func mean(_ numbers: [Double]) -> Double {
        numbers.isEmpty ? 0 : numbers.reduce(0, +) / Double(numbers.count)
    }
}
