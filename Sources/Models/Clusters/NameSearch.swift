/// Finds the likeliest name of a form, word after word: a beam search whose rounds somebody else weighs.
///
/// A name's figure is the sum of the log-probabilities of its tokens and the newline, so it only falls as a name grows:
/// the search ends when nothing that is unfinished is above the best whole name. A value without a model.
struct NameSearch: Sendable {
    /// A name, or what one begins with.
    struct Ending: Sendable, Hashable {
        let words: [String]
        let isWhole: Bool
    }

    /// Beginnings that a round goes on with.
    static let kept = 3
    static let maximumObjects = 4

    private let form: NameForm
    /// To be weighed now, each as the whole of what follows the prompt; empty: the search is over.
    private(set) var asked: [Ending]
    private var best: (words: [String], figure: Double)?

    init(_ form: NameForm) {
        self.form = form
        asked = form.verbs.map { Ending(words: [$0], isWhole: false) }
    }

    /// The likeliest name; empty where none was found that is not taken.
    var label: String { best?.words.joined(separator: "-") ?? "" }

    /// - Parameter figures: of `asked`, the sum of the log-probabilities of each one's tokens; equal ones count in the
    ///   order asked.
    mutating func take(_ figures: [Double]) {
        precondition(figures.count == asked.count, "a figure an ending")
        var begun: [(words: [String], figure: Double)] = []
        for (ending, figure) in zip(asked, figures) {
            if !ending.isWhole {
                begun.append((ending.words, figure))
            } else if best.map({ figure > $0.figure }) ?? true {
                best = (ending.words, figure)
            }
        }
        let floor = best?.figure ?? -.infinity
        let order = begun.indices.sorted { left, right in
            begun[left].figure != begun[right].figure ? begun[left].figure > begun[right].figure : left < right
        }
        asked = order.prefix(Self.kept).filter { begun[$0].figure > floor }.flatMap { next(after: begun[$0].words) }
    }

    /// How a beginning may go on: it ends here, or with another word.
    private func next(after words: [String]) -> [Ending] {
        var endings: [Ending] = []
        if words.count > 1, !form.taken.contains(words.joined(separator: "-")) {
            endings.append(Ending(words: words, isWhole: true))
        }
        guard words.count <= Self.maximumObjects else { return endings }
        for word in form.words where !words.contains(word) {
            endings.append(Ending(words: words + [word], isWhole: false))
        }
        return endings
    }
}
