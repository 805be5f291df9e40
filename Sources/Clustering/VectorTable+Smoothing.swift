extension VectorTable {
    /// Neighbours that a row is drawn to.
    private static let smoothingNeighbours = 10
    private static let smoothingRounds = 2

    /// Each row drawn to its neighbours, twice: x = normalise(.5 x + .5 mean of its 10 nearest, weighted by similarity).
    /// Single odd sentences move into their clusters, and a silhouette then tells cuts apart that are alike on raw vectors.
    ///
    /// Neighbours and weights are those of `lists` both times; a similarity below zero weighs nothing. Where weights or
    /// the sum vanish a row stays as it is.
    ///
    /// - Parameter lists: of this table or of one that stands for it, such as before tuning.
    package func smoothed(by lists: NeighbourLists) -> VectorTable {
        precondition(lists.count == count, "a list a row")
        var table = self
        for _ in 0..<Self.smoothingRounds { table = table.drawnTogether(by: lists) }
        return table
    }

    private func drawnTogether(by lists: NeighbourLists) -> VectorTable {
        let near = min(lists.k, Self.smoothingNeighbours)
        guard near > 0 else { return self }
        var drawn = values
        let mean = Numbers<Float>(repeating: 0, count: dimension)
        values.withUnsafeBufferPointer { values in
            drawn.withUnsafeMutableBufferPointer { drawn in
                for row in 0..<count {
                    let own = row * lists.k
                    var total: Float = 0
                    for place in own..<own + near { total += max(0, lists.similarities[place]) }
                    guard total > 0 else { continue }
                    mean.memory.update(repeating: 0)
                    Self.add(memory(of: row..<row + 1, in: values), times: 0.5, to: mean.memory)
                    for place in own..<own + near {
                        let other = Int(lists.rows[place])
                        let weight = 0.5 * max(0, lists.similarities[place]) / total
                        Self.add(memory(of: other..<other + 1, in: values), times: weight, to: mean.memory)
                    }
                    guard Self.normalise(mean.memory) else { continue }
                    for place in 0..<dimension { drawn[row * dimension + place] = mean[place] }
                }
            }
        }
        return VectorTable(dimension: dimension, values: drawn)
    }
}
