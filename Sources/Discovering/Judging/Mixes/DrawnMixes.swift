package import Clustering
internal import Core

/// Mixes of ten sentences, in turn all of one cluster and with some of the clusters next to it.
package struct DrawnMixes: Sendable {
    /// Ascending rows.
    package let mixes: [[Int]]
    /// Of each: all of one cluster.
    package let isPure: [Bool]

    package static let size = 10
    /// Of a mix that is not pure.
    static let strangers = 2...5
    /// Nearest clusters that strangers come from.
    static let rivals = 3

    /// - Parameters:
    ///   - clusters: those of fewer than ten rows are left out; of fewer than four others no mixes come.
    ///   - count: how many mixes.
    package init(from clusters: [[Int]], in vectors: VectorTable, count: Int, seed: UInt64) {
        let rows = clusters.filter { $0.count >= Self.size }
        guard rows.count > Self.rivals else {
            mixes = []
            isPure = []
            return
        }
        let means = VectorTable(dimension: vectors.dimension, rows: rows.map { vectors.mean(of: $0) })
        var random = SeededGenerator(seed: seed)
        var mixes: [[Int]] = []
        var isPure: [Bool] = []
        for number in 0..<count {
            let cluster = Int.random(in: 0..<rows.count, using: &random)
            let own = rows[cluster].shuffled(using: &random)
            let strangers = number % 2 == 0 ? 0 : Int.random(in: Self.strangers, using: &random)
            let similarities = (0..<rows.count).map { means.similarity(cluster, $0) }
            let near = (0..<rows.count).filter { $0 != cluster }.sorted { left, right in
                similarities[left] == similarities[right] ? left < right : similarities[left] > similarities[right]
            }
            let others = near.prefix(Self.rivals).flatMap { rows[$0] }.shuffled(using: &random)
            mixes.append((Array(own.prefix(Self.size - strangers)) + others.prefix(strangers)).sorted())
            isPure.append(strangers == 0)
        }
        self.mixes = mixes
        self.isPure = isPure
    }
}
