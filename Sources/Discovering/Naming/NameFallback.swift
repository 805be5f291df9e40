internal import Core

/// A name without a language model: the best of the candidates that an encoder weighed, else the verb that the utterances
/// use most and their best pair of keywords.
///
/// Every word of the objective stands in the cluster. Where none of the list's verbs is used, it is the keywords alone, and
/// says no action.
enum NameFallback {
    /// For utterances without a word.
    static let nameless = "unnamed"

    /// - Parameter weighed: labels that come before those of keywords, best first.
    /// - Returns: the best label that is not taken; where all are, the best with a number.
    static func label(
        of cluster: Int,
        role: Role?,
        keywords: ClusterKeywords,
        weighed: [String] = [],
        check: NameCheck,
    ) -> String {
        let labels = weighed + labels(of: cluster, role: role, keywords: keywords)
        if let free = labels.first(where: { !check.isTaken($0) }) { return free }
        let best = labels.first ?? nameless
        if labels.isEmpty, !check.isTaken(best) { return best }
        var number = 2
        while check.isTaken("\(best)-\(number)") { number += 1 }
        return "\(best)-\(number)"
    }

    /// Best first.
    private static func labels(of cluster: Int, role: Role?, keywords: ClusterKeywords) -> [String] {
        let verb = keywords.verb(of: cluster, role: role)
        let supported = keywords.supportedTerms(of: cluster)
        let stems = Set(supported.map(\.stem))
        let isUsable = { (term: ClusterKeywords.Term) in stems.contains(term.stem) && term.stem != verb?.stem }
        let start = verb.map { [$0.word] } ?? []
        let pairs = keywords.pairs(of: cluster).filter { isUsable($0.first) && isUsable($0.second) }
        let singles = supported.filter(isUsable)
        let objectives = pairs.map { [$0.first.word, $0.second.word] } + singles.map { [$0.word] }
        guard objectives.isEmpty else { return objectives.map { (start + $0).joined(separator: "-") } }
        // A verb by itself, or what only one of them says.
        return verb.map { [$0.word] } ?? keywords.keywords(of: cluster, limit: 1)
    }
}
