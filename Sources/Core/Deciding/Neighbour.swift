/// An exemplar near an utterance, as one snapshot of a replica has it.
package struct Neighbour: Sendable, Hashable {
    package var exemplar: ExemplarID
    package var text: String
    package var intent: IntentID
    /// Cosine of the two vectors.
    package var similarity: Double

    package init(exemplar: ExemplarID, text: String, intent: IntentID, similarity: Double) {
        self.exemplar = exemplar
        self.text = text
        self.intent = intent
        self.similarity = similarity
    }
}
