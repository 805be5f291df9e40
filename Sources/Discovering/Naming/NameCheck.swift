internal import Core

/// What a name has to be: a verb of the list and one to four words that the cluster supports, and another intent's in no
/// form.
struct NameCheck: Sendable {
    /// Why a label is no name.
    enum Fault: Sendable, Hashable {
        /// Not two to five words joined by `-`.
        case form
        /// The first word is no verb of the list.
        case verb
        /// A word that the cluster does not support.
        case unsupported
        /// An intent has it, perhaps in another form or order.
        case taken
    }

    static let words = 2...5

    private var taken: Set<[String]> = []

    /// - Parameter taken: names of intents, as labels or as paths.
    init(taken: [String]) {
        for name in taken { take(name) }
    }

    /// - Parameters:
    ///   - role: whose turns are named; nil: not told.
    ///   - supported: stems of the words that the objective may be of.
    /// - Returns: nil where it is a name.
    func fault(of label: String, role: Role?, supported: Set<String>) -> Fault? {
        let words = label.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard Self.words.contains(words.count), words.allSatisfy(Self.isWord) else { return .form }
        guard ActionVerbs.contains(words[0], of: role) else { return .verb }
        let objective = words.dropFirst().map { NameWord($0).stem }
        guard Set(objective).count == objective.count, !objective.contains(NameWord(words[0]).stem) else {
            return .form
        }
        guard objective.allSatisfy(supported.contains) else { return .unsupported }
        return isTaken(label) ? .taken : nil
    }

    func isTaken(_ label: String) -> Bool { taken.contains(Self.normalForm(of: label)) }

    /// From now on another's.
    mutating func take(_ name: String) {
        taken.insert(Self.normalForm(of: name))
        // An intent is known by its last level too.
        if let leaf = name.split(separator: "/").last { taken.insert(Self.normalForm(of: String(leaf))) }
    }

    /// The stems of a name's words, in the order of the alphabet: `order_cancelling` and `cancel-orders` have one.
    static func normalForm(of name: String) -> [String] {
        name.lowercased().split { "-_/ ".contains($0) }.map { NameWord(String($0)).stem }.sorted()
    }

    private static func isWord(_ word: String) -> Bool {
        !word.isEmpty && word == word.lowercased()
            && word.unicodeScalars.allSatisfy { !$0.properties.isWhitespace && $0 != "/" && $0 != "_" }
    }
}
