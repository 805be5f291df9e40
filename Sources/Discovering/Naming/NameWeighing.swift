/// Which of a cluster's candidates says best what sets it apart, by where they lie among the clusters' middles.
///
/// A candidate's figure is its cosine to the cluster's middle, less most of what it has on average with the five clusters
/// that it is nearest to besides, and a little for heavy words and for each word. As KeyBERT chooses keywords by their
/// cosine to a text (Grootendorst 2020), but against rivals instead of against each other (maximal marginal relevance;
/// Carbonell and Goldstein 1998). No label is used. A value without I/O.
struct NameWeighing: Sendable {
    /// What rivals count: their share of the cosine is what every sentence of the pool has in common.
    static let rivalShare: Float = 0.8
    static let rivals = 5
    static let wordWeight = 0.05
    static let perWord = 0.01

    /// Of the clusters that are named; nil: not known.
    private let middles: [[Float]?]
    /// Of clusters that have a name.
    private let others: [[Float]]

    /// - Parameters:
    ///   - middles: unit vectors of the serving encoder, one a cluster that is named.
    ///   - others: those of clusters that have a name already, and are rivals all the same.
    init(middles: [[Float]?], others: [[Float]] = []) {
        self.middles = middles
        self.others = others
    }

    /// Whether this cluster's candidates can be weighed at all.
    func knows(_ cluster: Int) -> Bool { middles[cluster] != nil }

    /// The candidates' labels, best first; of equally good ones the first in the alphabet's order.
    ///
    /// - Parameter vectors: of the candidates, as they are said.
    /// - Returns: none where the vectors do not go with the clusters': another encoder made them.
    func labels(_ candidates: [NameCandidate], _ vectors: [[Float]], of cluster: Int) -> [String] {
        guard let own = middles[cluster], vectors.count == candidates.count else { return [] }
        let rivals = (middles.indices.filter { $0 != cluster }.compactMap { middles[$0] } + others)
            .filter { $0.count == own.count }
        var weighed: [(label: String, figure: Double)] = []
        for (candidate, vector) in zip(candidates, vectors) {
            guard vector.count == own.count, let unit = Direction.unit(vector) else { return [] }
            let nearest = rivals.map { Direction.dot(unit, $0) }.sorted(by: >).prefix(Self.rivals)
            let rival = nearest.isEmpty ? 0 : nearest.reduce(0, +) / Float(nearest.count)
            let cosine = Double(Direction.dot(unit, own) - Self.rivalShare * rival)
            let words = Double(candidate.words)
            let figure = cosine + Self.wordWeight * candidate.weight / words.squareRoot() + Self.perWord * words
            weighed.append((candidate.label, figure))
        }
        return weighed.sorted { left, right in
            left.figure != right.figure ? left.figure > right.figure : left.label < right.label
        }.map(\.label)
    }
}
