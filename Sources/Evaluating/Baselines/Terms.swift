/// What a text is made of, for methods that know no language: words and pieces of words.
///
/// A word is a run of letters and digits, lower-cased.
package enum Terms {
    /// In their order, with repetitions.
    package static func words(of text: String) -> [String] {
        text.lowercased().split { !$0.isLetter && !$0.isNumber }.map { String($0) }
    }

    /// Lengths of the pieces, in characters.
    private static let pieceLengths = 3...5

    /// The words, each with `=` before it, and the pieces of each word with a space at both of its ends, as
    /// scikit-learn's `char_wb`; with repetitions. `=` keeps a word apart from an equal piece of another.
    package static func wordsAndPieces(of text: String) -> [String] {
        var terms: [String] = []
        for word in words(of: text) {
            terms.append("=" + word)
            let characters = Array(" \(word) ")
            for length in pieceLengths where length <= characters.count {
                for start in 0...(characters.count - length) {
                    terms.append(String(characters[start..<start + length]))
                }
            }
        }
        return terms
    }
}
