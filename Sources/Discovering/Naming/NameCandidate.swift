internal import Core

/// A name that a cluster could have, of its own words: what an encoder chooses from.
struct NameCandidate: Sendable, Hashable {
    let label: String
    /// Words of the objective.
    let words: Int
    /// Sum of their class-based TF-IDF, the cluster's best word counting 1.
    let weight: Double

    /// Where half of the utterances ask for something, that is what is wanted.
    private static let askingShare = 0.5
    private static let asking = "inquire"
    /// Objectives of a kind, at most.
    private static let singles = 12
    private static let phrases = 24
    private static let triples = 10
    /// That its utterances use most.
    private static let usedVerbs = 2

    /// Each of the verbs with each objective: single keywords, pairs of them, phrases and triples; some dozens in all.
    ///
    /// The verbs are the two of the role's list that its utterances use most, and `inquire` where half of them ask; where
    /// that is none a candidate has no verb, since none is invented.
    static func all(of cluster: Int, role: Role?, keywords: ClusterKeywords) -> [NameCandidate] {
        let supported = keywords.supportedTerms(of: cluster)
        guard let heaviest = supported.first?.weight, heaviest > 0 else { return [] }
        let verbs = Self.verbs(of: cluster, role: role, keywords: keywords)
        let actions: [String?] = verbs.isEmpty ? [nil] : verbs
        var seen: Set<String> = []
        var candidates: [NameCandidate] = []
        for objective in objectives(of: cluster, supported, keywords) {
            for verb in actions {
                let stem = verb.map { NameWord($0).stem }
                let terms = objective.filter { $0.stem != stem }
                // A particle by itself says nothing.
                guard terms.contains(where: { !ClusterKeywords.particles.contains($0.stem) }) else { continue }
                var words = terms.map(\.word)
                if let verb { words.insert(verb, at: 0) }
                let label = words.joined(separator: "-")
                guard seen.insert(label).inserted else { continue }
                let weight = terms.reduce(0) { $0 + $1.weight } / heaviest
                candidates.append(NameCandidate(label: label, words: terms.count, weight: weight))
            }
        }
        return candidates
    }

    private static func verbs(of cluster: Int, role: Role?, keywords: ClusterKeywords) -> [String] {
        let used = keywords.usedVerbs(of: cluster).map(\.word).filter { ActionVerbs.contains($0, of: role) }
        var verbs = Array(used.prefix(usedVerbs))
        if keywords.asking(cluster) >= askingShare, ActionVerbs.contains(asking, of: role), !verbs.contains(asking) {
            verbs.append(asking)
        }
        return verbs
    }

    private static func objectives(
        of cluster: Int,
        _ supported: [ClusterKeywords.Term],
        _ keywords: ClusterKeywords,
    ) -> [[ClusterKeywords.Term]] {
        let stems = Set(supported.map(\.stem))
        let pairs = keywords.pairs(of: cluster).map { [$0.first, $0.second] }
            .filter { $0.allSatisfy { stems.contains($0.stem) } }
        var objectives = supported.prefix(singles).map { [$0] }
        objectives += pairs
        objectives += keywords.phrases(of: cluster, limit: phrases)
        objectives += keywords.triples(of: cluster, limit: triples)
        return objectives
    }
}
