internal import Core

/// A known utterance with the id that the index has it under.
struct KnownExemplar: Sendable, Equatable {
    let id: ExemplarID
    let text: String
    let gold: NamedIntent

    /// As the index keeps them: each text of a vertical once, with the label that was said last.
    static func distinct(_ utterances: [EvalUtterance]) -> [KnownExemplar] {
        var places: [ExemplarID: Int] = [:]
        var exemplars: [KnownExemplar] = []
        for utterance in utterances {
            let id = ExemplarID(vertical: utterance.gold.vertical, text: utterance.text)
            let exemplar = KnownExemplar(id: id, text: utterance.text.value, gold: utterance.gold)
            if let place = places[id] {
                exemplars[place] = exemplar
            } else {
                places[id] = exemplars.count
                exemplars.append(exemplar)
            }
        }
        return exemplars
    }
}
