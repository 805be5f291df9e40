package import Core

/// A label that people gave an intent, as a name: what a language model learns to name by.
package enum LabelledName {
    /// Where neither label nor callers say what is wanted, they want to know.
    private static let asking = "inquire"
    private static let telling = "inform"

    /// Its action and its objective.
    ///
    /// The action is the first verb of the list in the last level (`order_cancelled` gives `cancel`), else in the level above
    /// it and so on; one that may be a noun counts where the utterances use it as a verb. Else it is the verb that they use
    /// most, else `inquire`, of agents `inform`. The objective is the other words of the last level, without stop words, at
    /// most four; those that the utterances support, where some are, since a name can be of no others.
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
        let used = Set(keywords.usedVerbs(of: cluster).map(\.word))
        func verb(of word: NameWord) -> String? {
            guard let verb = WordCounts.listed(word.stem), ActionVerbs.contains(verb, of: role) else { return nil }
            // Of an order that is late nobody orders anything.
            return ActionVerbs.nouns.contains(verb) && !used.contains(verb) ? String?.none : verb
        }
        let words = Self.words(in: path.levels.last ?? "")
        // A verb that is the whole label is its objective too: `refund`.
        let place = words.count > 1 ? words.firstIndex { verb(of: $0) != nil } : nil
        let named: String? = place.flatMap { verb(of: words[$0]) }
        let above = path.levels.dropLast().reversed().flatMap { Self.words(in: $0) }.compactMap { verb(of: $0) }
        let action =
            named ?? above.first ?? keywords.verb(of: cluster, role: role)?.word ?? (role == .agent ? telling : asking)
        var objective: [NameWord] = []
        for (number, word) in words.enumerated() {
            guard number != place, word.stem != NameWord(action).stem,
                !objective.contains(where: { $0.stem == word.stem })
            else { continue }
            objective.append(word)
        }
        let supported = Set(keywords.supportedTerms(of: cluster).map(\.stem))
        let heard = objective.filter { supported.contains($0.stem) }
        let kept = (heard.isEmpty ? objective : heard).prefix(NameCheck.words.upperBound - 1)
        return kept.isEmpty ? nil : [action] + kept.map(\.written)
    }

    private static func words(in level: String) -> [NameWord] {
        NameWord.all(in: level).filter { !StopWords.contains($0.written) }
    }
}
