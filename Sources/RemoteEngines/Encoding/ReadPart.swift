/// The part of a text that a remote encoder is sent.
///
/// Servers refuse a text of more tokens than their model reads, and its tokenizer is out of sight. So tokens are guessed,
/// rather too many than too few: four letters of a-z make one, as does any other character but white space.
struct ReadPart: Hashable, Sendable {
    let text: String
    /// Guessed, those that frame it included.
    let tokens: Int
    let isTruncated: Bool

    /// - Parameter limit: of tokens; local encoders read 256.
    init(of text: String, limit: Int) {
        var quarters = 8
        let end = text.unicodeScalars.firstIndex { scalar in
            let isLetter = ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
            let cost = scalar.properties.isWhitespace ? 0 : (isLetter ? 1 : 4)
            guard quarters + cost <= limit * 4 else { return true }
            quarters += cost
            return false
        }
        self.text = end.map { String(text.unicodeScalars[..<$0]) } ?? text
        tokens = (quarters + 3) / 4
        isTruncated = end != nil
    }
}
