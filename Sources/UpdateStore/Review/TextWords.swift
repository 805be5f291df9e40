internal import Core

/// The words of some texts, by which to tell whether any of these holds a word of a name or a keyword.
///
/// A value. Forms of an English word (`order`, `orders`, `ordered`) count as one, since a name may have another than the
/// texts; words of other scripts are looked for as they are written, with or without spaces around them.
struct TextWords: Sendable {
    private let roots: Set<String>
    private let texts: [String]

    init(_ texts: [UtteranceText]) {
        self.texts = texts.map { $0.value.lowercased() }
        roots = Set(self.texts.flatMap { Self.words(in: $0) }.map { Self.root(of: $0) })
    }

    func hold(_ word: String) -> Bool {
        let word = word.lowercased()
        if word.utf8.contains(where: { $0 >= 0x80 }) { return texts.contains { $0.contains(word) } }
        let parts = Self.words(in: word)
        return !parts.isEmpty && parts.allSatisfy { roots.contains(Self.root(of: $0)) }
    }

    func holdAny(of name: ProposalName) -> Bool { name.words.contains { hold($0) } }

    private static func words(in text: String) -> [String] {
        text.split { !$0.isLetter && !$0.isNumber }.map(String.init)
    }

    private static let endings = ["ing", "ies", "ied", "ed", "es", "s", "y", "e"]

    private static func root(of word: String) -> String {
        var root = word
        for ending in endings where root.hasSuffix(ending) && root.utf8.count >= ending.utf8.count + 3 {
            root.removeLast(ending.count)
            break
        }
        if root.count > 3, root.last == root.dropLast().last { root.removeLast() }
        return root
    }
}

extension Proposal {
    /// Takes words away that only erased texts held.
    ///
    /// - Parameter left: of what is left of its members.
    mutating func forget(_ erased: TextWords, left: TextWords) {
        keywords.removeAll { !left.hold($0) }
        name = name.without(erased, left: left)
    }
}

extension ProposalName {
    fileprivate var words: [String] { label.split(separator: "-").map(String.init) }

    /// The name without words that only erased texts held. A reviewer's is a reviewer's words, and stays.
    func without(_ erased: TextWords, left: TextWords) -> ProposalName {
        guard source != .reviewer else { return self }
        let kept = words.filter { !erased.hold($0) || left.hold($0) }
        guard kept.count < words.count else { return self }
        return ProposalName(label: kept.isEmpty ? "unnamed" : kept.joined(separator: "-"), source: .keywords)
    }
}
