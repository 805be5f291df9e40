package import Core

/// A label that people gave an intent, as a name: what a language model learns to name by.
package enum LabelledName {
    /// Where neither label nor callers say what is wanted, they want to know.
    private static let asking = "inquire"
    private static let telling = "inform"

    /// Its action and its objective.
    ///
    /// The action is the first verb of the list in the last level (`order_cancelled` gives `cancel`), else in the level above
    /// it and so on, else the verb that the utterances use most, else `inquire`, of agents `inform`. The objective is the
    /// other words of the last level, without stop words, at most four; those that the utterances support, where some are,
    /// since a name can be of no others.
    ///
    /// - Parameters:
    ///   - cluster: which of the clusters that `keywords` was made of holds the intent's utterances.
    /// - Returns: nil where no word is left for the objective.
    package static func words(
        of path: IntentPath,
        role: Role? = nil,
        cluster: Int,
        keywords: ClusterKeywords,
    ) -> [String]? {
        let words = Self.words(in: path.levels.last ?? "")
        let place = words.firstIndex { Self.verb(of: $0, role) != nil }
        // A verb that is the whole label is its objective too: `refund`.
        let named: String? = words.count > 1 ? place.flatMap { Self.verb(of: words[$0], role) } : nil
        let above = path.levels.dropLast().reversed().flatMap { Self.words(in: $0) }.compactMap { Self.verb(of: $0, role) }
        let verb =
            named ?? above.first ?? keywords.verb(of: cluster, role: role)?.word ?? (role == .agent ? telling : asking)
        var objective: [NameWord] = []
        for (number, word) in words.enumerated() {
            guard named == nil || number != place, word.stem != NameWord(verb).stem,
                !objective.contains(where: { $0.stem == word.stem })
            else { continue }
            objective.append(word)
        }
        let supported = Set(keywords.supportedTerms(of: cluster).map(\.stem))
        let heard = objective.filter { supported.contains($0.stem) }
        let kept = (heard.isEmpty ? objective : heard).prefix(NameCheck.words.upperBound - 1)
        return kept.isEmpty ? nil : [verb] + kept.map(\.written)
    }

    private static func words(in level: String) -> [NameWord] {
        NameWord.all(in: level).filter { !StopWords.contains($0.written) }
    }

    private static func verb(of word: NameWord, _ role: Role?) -> String? {
        WordCounts.listed(word.stem).flatMap { ActionVerbs.contains($0, of: role) ? $0 : String?.none }
    }
}
