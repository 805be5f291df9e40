package import Core

/// How well clusters fit gold labels, in the contract's measures: over all labelled rows, whatever was judged of their
/// clusters.
package struct ClusterFigures: Sendable, Equatable {
    /// Labelled rows.
    package var n: Int
    package var nmi: Double
    package var ari: Double
    package var acc: Double
    /// Clusters that hold a labelled row.
    package var clusters: Int
    package var goldClusters: Int
    /// Share of the rows that are in clusters judged good.
    package var coverage: Double
    /// The same without the rows whose labels are no intents; nil: none were named.
    package var coverageOfIntents: Double?
    /// Both, had the judge known the labels: share of the rows that are in clusters with at least 80 % of one label.
    package var pureCoverage: Double
    package var pureCoverageOfIntents: Double?
    /// Share of the clusters judged good that have at least 80 % of one label; nil: none was judged good.
    package var goodness: Double?
    /// The largest cluster's share of the rows.
    package var largestShare: Double

    /// - Parameter noise: labels that are no intents, by the last level of their paths.
    /// - Throws: `.invalidArgument` where no row is labelled.
    package init(_ found: FoundClusters, of set: GoldSet, noise: Set<String> = []) throws(SwitchboardError) {
        var gold: [NamedIntent] = []
        var clusters: [Int] = []
        for row in set.rows {
            guard let label = row.gold else { continue }
            gold.append(label)
            clusters.append(found.clusters[row.utterance])
        }
        guard let nmi = Measure.normalisedMutualInformation(gold: gold, clusters: clusters),
            let ari = Measure.adjustedRandIndex(gold: gold, clusters: clusters),
            let acc = Measure.clusteringAccuracy(gold: gold, clusters: clusters)
        else { throw .invalid("there is no labelled utterance to measure clusters by") }
        self.nmi = nmi
        self.ari = ari
        self.acc = acc
        n = gold.count
        goldClusters = Set(gold).count
        let majorities = Majority.of(gold: gold, clusters: clusters, count: found.count)
        let seen = majorities.indices.filter { majorities[$0] != nil }
        self.clusters = seen.count
        largestShare = Double(majorities.compactMap { $0?.size }.max() ?? 0) / Double(n)
        let isPure = majorities.map { $0?.isPure ?? false }
        let ofIntents = zip(clusters, gold).filter { !noise.contains($0.1.path.levels.last ?? "") }.map(\.0)
        coverage = Measure.share(clusters.map { found.isGood[$0] }) ?? 0
        coverageOfIntents = noise.isEmpty ? nil : Measure.share(ofIntents.map { found.isGood[$0] })
        pureCoverage = Measure.share(clusters.map { isPure[$0] }) ?? 0
        pureCoverageOfIntents = noise.isEmpty ? nil : Measure.share(ofIntents.map { isPure[$0] })
        goodness = Measure.share(seen.filter { found.isGood[$0] }.map { isPure[$0] })
    }
}

/// The label that most of a cluster has.
package struct Majority: Sendable, Equatable {
    /// Of a cluster that has at least this share of one gold label, a person would say that it is one intent.
    package static let purity = 0.8

    package var label: NamedIntent
    /// Of the cluster's labelled rows.
    package var share: Double
    /// Labelled rows.
    package var size: Int

    package var isPure: Bool { share >= Self.purity }

    /// Of each cluster; nil: it has no labelled row. Of equal labels the first by name.
    package static func of(gold: [NamedIntent], clusters: [Int], count: Int) -> [Majority?] {
        var counts = [[NamedIntent: Int]](repeating: [:], count: count)
        for (label, cluster) in zip(gold, clusters) { counts[cluster][label, default: 0] += 1 }
        return counts.map { counts in
            let size = counts.values.reduce(0, +)
            let best = counts.min { left, right in
                left.value != right.value ? left.value > right.value : left.key < right.key
            }
            return best.map { Majority(label: $0.key, share: Double($0.value) / Double(size), size: size) }
        }
    }

    /// Of each cluster that was found.
    package static func of(_ found: FoundClusters, in set: GoldSet) -> [Majority?] {
        var gold: [NamedIntent] = []
        var clusters: [Int] = []
        for row in set.rows {
            guard let label = row.gold else { continue }
            gold.append(label)
            clusters.append(found.clusters[row.utterance])
        }
        return of(gold: gold, clusters: clusters, count: found.count)
    }
}
