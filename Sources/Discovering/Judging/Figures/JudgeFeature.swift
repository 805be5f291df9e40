/// What the vectors say of a cluster: the columns of the judge's logistic regression, by the names that stand in its
/// weights.
///
/// Of a pair of members: the *overlap* is the share of their nearest neighbours, among all utterances of the run, that
/// they have in common (shared nearest neighbours; Jarvis and Patrick 1973); the *walk* is the cosine of where two steps
/// along nearest neighbours lead from either; the *words* are the cosine of their words weighted by rarity.
package enum JudgeFeature: String, Sendable, Hashable, CaseIterable {
    /// Mean over pairs.
    case overlap
    /// Share of pairs with an overlap of at least a tenth.
    case connected
    /// Of each member the mean overlap with the others; the one that a fifth of the members is below.
    case lowOverlap = "low_overlap"
    /// The least of them.
    case leastOverlap = "least_overlap"
    /// Share of members in the largest piece of what overlaps by a tenth.
    case largestPiece = "largest_piece"
    /// The same for three tenths.
    case tightPiece = "tight_piece"
    /// Second smallest eigenvalue of the normalised Laplacian of the overlaps (Fiedler 1973).
    case secondEigenvalue = "second_eigenvalue"
    /// Least conductance of a cut with at least a fifth of the members on either side.
    case weakestCut = "weakest_cut"
    /// Mean over pairs.
    case walk
    /// Of each member the mean with the others; the one that a fifth is below.
    case lowWalk = "low_walk"
    /// Mean cosine over pairs.
    case similarity
    /// Of each member the mean cosine with the others; the one that a fifth is below.
    case lowSimilarity = "low_similarity"
    /// Standard deviation of the members' mean cosines.
    case similaritySpread = "similarity_spread"
    /// Mean cosine over pairs less that of the members with the last of their neighbours: below 0 where the cluster
    /// reaches farther than its members' neighbourhoods.
    case reach
    /// Mean over pairs.
    case words
    /// Share of the members' neighbours that are members, of as many as could be.
    case inside
    /// Share of the members' neighbours that are in the one other cluster that has the most of them.
    case rival
    /// Silhouette by the means of clusters: (b - a) / max(a, b), a the distance to the own mean, b to the nearest other.
    case silhouette
    /// Share of members that are nearer to another cluster's mean.
    case misplaced
    /// Logarithm of the number of members.
    case size
    /// The same less that of the mean size of the clusters.
    case relativeSize = "relative_size"

    /// Those that need no other cluster beside the one that is judged, and not its size: for mixes of sentences.
    package static let ofMixes: [JudgeFeature] = [
        .overlap, .connected, .lowOverlap, .leastOverlap, .largestPiece, .tightPiece, .secondEigenvalue, .weakestCut,
        .walk, .lowWalk, .similarity, .lowSimilarity, .similaritySpread, .reach, .words,
    ]

    /// Its place among all.
    package var place: Int {
        guard let place = Self.allCases.firstIndex(of: self) else { preconditionFailure("a case is one of all") }
        return place
    }
}
