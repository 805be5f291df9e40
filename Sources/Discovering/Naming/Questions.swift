/// Whether an utterance asks for something to know, as far as its first words tell; English alone.
///
/// Speech recognisers write no question marks.
enum Questions {
    /// Words that ask, among the first three.
    private static let asking: Set<String> = [
        "what", "when", "where", "which", "who", "whose", "why", "how", "whats", "hows", "wheres",
    ]
    /// Verbs that ask where they come first; not `can` and `could`, which ask for a deed.
    private static let inverted: Set<String> = [
        "is", "are", "am", "do", "does", "did", "was", "were", "will", "has", "have",
    ]
    /// Words that tell of a question in any place.
    private static let telling: Set<String> = ["know", "tell", "wondering", "question", "information"]

    static func asks(_ words: [NameWord]) -> Bool {
        guard let first = words.first else { return false }
        return inverted.contains(first.written) || words.prefix(3).contains { asking.contains($0.written) }
            || words.contains { telling.contains($0.written) }
    }
}
