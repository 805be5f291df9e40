internal import Clustering
internal import Core
internal import Models

/// One sentence of a cluster as the scorer is asked about it.
struct BelongingQuestion: Sendable {
    let input: ScoringInput
    /// Of the candidates, the sentence's own cluster.
    let own: Int

    /// - Parameters:
    ///   - sides: the own cluster first, then its rivals.
    ///   - turn: turns names and places of the clusters on.
    /// - Throws: nothing of its own.
    init(of sentence: Int, sides: [ClusterSample], turn: Int, in field: JudgedField) throws(SwitchboardError) {
        let vectors = field.material.clusteringVectors
        let own = Array(vectors[sentence])
        var candidates: [IntentPath] = []
        for place in sides.indices { candidates.append(try Self.name(place)) }
        var pairs: [(row: Int, similarity: Float, pair: ScoringInput.Pair)] = []
        for (side, sample) in sides.enumerated() {
            let place = (side + turn) % sides.count
            // The sentence itself would give the answer away.
            for row in sample.nearest(ScorerJudge.exemplars + 1).filter({ $0 != sentence }).prefix(
                ScorerJudge.exemplars
            ) {
                let pair = ScoringInput.Pair(
                    query: field.material.utterances[row].text,
                    intent: candidates[place]
                )
                pairs.append((row, vectors.cosine(row, own), pair))
            }
        }
        pairs.sort { left, right in
            left.similarity == right.similarity ? left.row < right.row : left.similarity > right.similarity
        }
        input = ScoringInput(
            text: field.material.utterances[sentence].text,
            pairs: pairs.map(\.pair),
            candidates: candidates
        )
        self.own = turn % sides.count
    }

    /// Codes as they stand in the examples that the shipped adapter was trained on.
    private static func name(_ place: Int) throws(SwitchboardError) -> IntentPath {
        try IntentPath(levels: ["topic \(11 + 7 * place)"])
    }
}
