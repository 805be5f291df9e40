package import Core

/// What to look for, and among what.
package struct SearchQuery: Sendable {
    /// Unit length.
    package var vector: [Float]
    /// Whose vector it is, as it was said: its words are compared too; nil: it is not known.
    package var text: String?
    package var k: Int
    /// Those that the log does not know contribute nothing.
    package var verticals: [Vertical]
    /// Intents at or below one of these paths alone; empty: all.
    package var within: [IntentPath]
    package var excluding: Set<ExemplarID>
    /// Compares with every vector, without graphs.
    package var isExact: Bool

    package init(
        vector: [Float],
        text: String? = nil,
        k: Int,
        verticals: [Vertical],
        within: [IntentPath] = [],
        excluding: Set<ExemplarID> = [],
        isExact: Bool = false,
    ) {
        self.vector = vector
        self.text = text
        self.k = k
        self.verticals = verticals
        self.within = within
        self.excluding = excluding
        self.isExact = isExact
    }
}

/// An exemplar that a search found.
package struct Hit: Sendable, Hashable {
    package let exemplar: ExemplarID
    package let vertical: Vertical
    /// Normalised.
    package let text: String
    package let intent: IntentID
    /// Dot product of unit vectors, which is the cosine.
    package let similarity: Float

    package init(exemplar: ExemplarID, vertical: Vertical, text: String, intent: IntentID, similarity: Float) {
        self.exemplar = exemplar
        self.vertical = vertical
        self.text = text
        self.intent = intent
        self.similarity = similarity
    }
}
