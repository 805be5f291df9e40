internal import Core

/// What one method answered to the test utterances.
struct MethodResult: Sendable {
    let method: String
    /// One an utterance, in their order, each with its gold intent.
    var answers: [EvalAnswer]
    /// To utterances that no intent fits; may be empty.
    var outOfScope: [EvalAnswer] = []
    /// Whether it has a threshold for UNKNOWN.
    var refuses = false
    /// Utterances that it was trained on or retrieves from; nil: none.
    var known: Int?
    /// Of one call at a time, in milliseconds; nil where it was not measured.
    var medianMs: Double?

    /// The same on some of the utterances, by their places; without those that no intent fits.
    func at(_ places: [Int]) -> MethodResult {
        var part = self
        part.answers = places.map { answers[$0] }
        part.outOfScope = []
        return part
    }

    /// The same on one vertical's utterances.
    func on(_ vertical: Vertical) -> MethodResult {
        at(answers.indices.filter { answers[$0].gold?.vertical == vertical })
    }

    struct Figures: Equatable {
        var n: Int
        var accuracy: Double
        /// Over the gold intents.
        var macro: Measure.Macro
    }

    /// Nil without utterances.
    var figures: Figures? {
        let gold = answers.compactMap(\.gold)
        precondition(gold.count == answers.count, "figures are of in-scope answers, each with its gold intent")
        guard let macro = Measure.macro(gold: gold, predicted: answers.map(\.leader)),
            let accuracy = Measure.share(answers.map(\.isRight))
        else { return nil }
        return Figures(n: answers.count, accuracy: accuracy, macro: macro)
    }

    var verticals: [Vertical] { Set(answers.compactMap { $0.gold?.vertical }).sorted() }
}
