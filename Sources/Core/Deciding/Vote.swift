internal import Foundation

/// The share of each intent among an utterance's retrieved exemplars, each weighted exp(similarity / temperature).
///
/// A softmax over the neighbours' similarities, summed by intent (scored as in kNN classification; REIC leaves the
/// weighting open).
package struct Vote: Sendable, Equatable {
    package struct Share: Sendable, Equatable {
        package let intent: IntentID
        /// 0...1; all shares sum to 1.
        package let share: Double
        /// Of its nearest exemplar.
        package let similarity: Double
    }

    /// Greatest share first; equal ones by the nearer exemplar, then by id, so that the order is the same everywhere.
    package let shares: [Share]

    package init(_ neighbours: [Neighbour], temperature: Double) {
        let nearest = neighbours.map(\.similarity).max() ?? 0
        var weights: [IntentID: (weight: Double, similarity: Double)] = [:]
        var total = 0.0
        for neighbour in neighbours {
            let weight = exp((neighbour.similarity - nearest) / temperature)
            let known = weights[neighbour.intent] ?? (0, -1)
            weights[neighbour.intent] = (known.weight + weight, max(known.similarity, neighbour.similarity))
            total += weight
        }
        shares =
            weights
            .map { Share(intent: $0.key, share: $0.value.weight / total, similarity: $0.value.similarity) }
            .sorted { left, right in
                if left.share != right.share { return left.share > right.share }
                if left.similarity != right.similarity { return left.similarity > right.similarity }
                return left.intent < right.intent
            }
    }
}
