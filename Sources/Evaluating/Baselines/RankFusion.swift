/// Several rankings of the same things made into one (reciprocal rank fusion; Cormack, Clarke and Büttcher 2009):
/// score = sum over the rankings of 1 / (60 + rank), the first having rank 1.
package enum RankFusion {
    /// Best first; equal ones in the order in which the rankings name them.
    ///
    /// - Parameters:
    ///   - rankings: best first; what a ranking lacks gets nothing from it.
    ///   - constant: 60 in the paper.
    package static func reciprocal<Item: Hashable>(
        _ rankings: [[Item]],
        constant: Double = 60,
    ) -> [(item: Item, score: Double)] {
        var places: [Item: Int] = [:]
        var fused: [(item: Item, score: Double)] = []
        for ranking in rankings {
            for (rank, item) in ranking.enumerated() {
                let score = 1 / (constant + Double(rank + 1))
                if let place = places[item] {
                    fused[place].score += score
                } else {
                    places[item] = fused.count
                    fused.append((item, score))
                }
            }
        }
        let order = fused.indices.sorted { (fused[$0].score, -$0) > (fused[$1].score, -$1) }
        return order.map { fused[$0] }
    }
}
