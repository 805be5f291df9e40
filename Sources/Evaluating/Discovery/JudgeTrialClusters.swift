package import Clustering
internal import Core

/// Clusters of which labels say whether they are good, to try a judge on: pure values, drawn by a seed.
package struct JudgeTrialClusters: Sendable, Equatable {
    /// Rows of the pool.
    package var clusters: [[Int]]
    /// Of each: whether at least 80 % of it have one label; nil: it is too small to count, or not labelled.
    package var isGood: [Bool?]

    package init(clusters: [[Int]] = [], isGood: [Bool?] = []) {
        self.clusters = clusters
        self.isGood = isGood
    }

    /// Smaller ones are no proposals, and a share of one label says little of them.
    private static let smallest = 5
    /// Clusters for each gold label in k-means, so that some are too coarse and some too fine.
    private static let fineness = [0.5, 0.75, 1, 1.5, 2]
    private static let mixSize = 10
    /// How many of a mix's sentences are from other intents.
    private static let intruders = [2, 3, 4, 5]
    /// Of an intent, from which intruders come.
    private static let rivals = 3
    private static let mostMixes = 800

    /// The clusters of k-means at several sizes around the number of labels, each cut by itself.
    ///
    /// - Parameters:
    ///   - labels: of each row; rows without one take part and do not count.
    ///   - cut: that many clusters of all rows.
    package static func cuts(
        labels: [NamedIntent?],
        by cut: (_ clusters: Int) -> Partition,
    ) -> [JudgeTrialClusters] {
        let gold = Set(labels.compactMap { $0 }).count
        return fineness.map { fineness in
            let count = min(max(2, Int((Double(gold) * fineness).rounded())), labels.count)
            var trial = JudgeTrialClusters()
            for cluster in cut(count).members() {
                let share = cluster.count < smallest ? nil : share(of: cluster, labels)
                trial.clusters.append(cluster)
                trial.isGood.append(share.map { $0 >= Majority.purity })
            }
            return trial
        }
    }

    /// Ten sentences of an intent, and ten of which 2 to 5 are from the intents that are nearest to it: as many of either
    /// kind. An intent with fewer sentences is left out.
    ///
    /// - Parameter vectors: of the rows; which intents are near is told by the means of their rows.
    package static func mixes(labels: [NamedIntent?], vectors: VectorTable, seed: UInt64) -> JudgeTrialClusters {
        var members: [NamedIntent: [Int]] = [:]
        for (row, label) in labels.enumerated() {
            if let label { members[label, default: []].append(row) }
        }
        let intents = members.sorted { $0.key < $1.key }.filter { $0.value.count >= mixSize }.map(\.value)
        guard intents.count > rivals else { return JudgeTrialClusters() }
        let means = intents.map { vectors.mean(of: $0) }
        var random = SeededGenerator(seed: seed)
        var trial = JudgeTrialClusters()
        let rounds = max(1, min(intruders.count, mostMixes / (2 * intents.count)))
        for (place, own) in intents.enumerated() {
            let near = nearest(to: place, among: means)
            for round in 0..<rounds {
                trial.clusters.append(own.shuffled(using: &random).prefix(mixSize).sorted())
                trial.isGood.append(true)
                // Where there is no room for all numbers of intruders, intents take turns.
                let strangers = intruders[(round + (rounds < intruders.count ? place : 0)) % intruders.count]
                let others = near.flatMap { intents[$0] }.shuffled(using: &random).prefix(strangers)
                let mix = own.shuffled(using: &random).prefix(mixSize - strangers) + others
                trial.clusters.append(mix.sorted())
                trial.isGood.append(false)
            }
        }
        return trial
    }

    private static func nearest(to place: Int, among means: [[Float]]) -> [Int] {
        let similarities = means.map { zip($0, means[place]).reduce(Float(0)) { $0 + $1.0 * $1.1 } }
        return means.indices.filter { $0 != place }
            .sorted { similarities[$0] != similarities[$1] ? similarities[$0] > similarities[$1] : $0 < $1 }
            .prefix(rivals).map { $0 }
    }

    /// Of the commonest label, among the labelled rows.
    private static func share(of cluster: [Int], _ labels: [NamedIntent?]) -> Double? {
        let known = cluster.compactMap { labels[$0] }
        return Majority.of(gold: known, clusters: known.map { _ in 0 }, count: 1)[0]?.share
    }
}
