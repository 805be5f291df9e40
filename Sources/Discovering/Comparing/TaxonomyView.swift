package import Core

/// The intents that there are, as a run compares its clusters with them.
package struct TaxonomyView: Sendable {
    /// Nothing to compare with: everything is new.
    package static let empty = TaxonomyView(paths: [:], source: FixedTaxonomy())

    /// Of each vertical, without aliases. Verticals without intents need not be there.
    package let paths: [Vertical: [IntentPath]]
    package let source: any TaxonomySource

    package init(paths: [Vertical: [IntentPath]], source: any TaxonomySource) {
        self.paths = paths
        self.source = source
    }

    /// What a proposal in the vertical must not be called: the last levels of the paths, in the order of the paths.
    package func names(in vertical: Vertical) -> [String] {
        (paths[vertical] ?? []).sorted().compactMap(\.levels.last)
    }

    package func hasIntents(in vertical: Vertical) -> Bool { !(paths[vertical] ?? []).isEmpty }
}

/// Where exemplars are looked up.
package protocol TaxonomySource: Sendable {
    /// The exemplars of the vertical that are nearest to an utterance, nearest first; none where the vertical has none.
    ///
    /// - Throws: `.unavailable` where they cannot be looked up now.
    func neighbours(of query: TaxonomyQuery) async throws -> [TaxonomyNeighbour]
}

/// An utterance whose nearest exemplars are wanted.
package struct TaxonomyQuery: Sendable, Hashable {
    package var text: UtteranceText
    /// Of the serving encoder.
    package var vector: [Float]
    /// That made the vector; nil: not known, so that the text is encoded again.
    package var encoder: ModelID?
    package var vertical: Vertical
    /// Only exemplars at or below this path; nil: all.
    package var within: IntentPath?
    /// 1 to 1,000.
    package var count: Int

    package init(
        text: UtteranceText,
        vector: [Float],
        encoder: ModelID?,
        vertical: Vertical,
        within: IntentPath? = nil,
        count: Int,
    ) {
        self.text = text
        self.vector = vector
        self.encoder = encoder
        self.vertical = vertical
        self.within = within
        self.count = count
    }
}

/// An exemplar near an utterance.
package struct TaxonomyNeighbour: Sendable, Hashable {
    package var text: UtteranceText
    package var path: IntentPath
    /// Cosine of the two vectors.
    package var similarity: Double

    package init(text: UtteranceText, path: IntentPath, similarity: Double) {
        self.text = text
        self.path = path
        self.similarity = similarity
    }
}
