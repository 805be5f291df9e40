package import Core

/// Exemplars in memory, compared one by one: for measurements and tests, where there is no node.
package struct FixedTaxonomy: TaxonomySource {
    package struct Exemplar: Sendable {
        package var vertical: Vertical
        package var path: IntentPath
        package var text: UtteranceText
        /// Of the encoder that the run uses.
        package var vector: [Float]

        package init(vertical: Vertical, path: IntentPath, text: UtteranceText, vector: [Float]) {
            self.vertical = vertical
            self.path = path
            self.text = text
            self.vector = vector
        }
    }

    package let exemplars: [Exemplar]

    package init(_ exemplars: [Exemplar] = []) {
        self.exemplars = exemplars
    }

    /// The view with every intent that has an exemplar.
    package var view: TaxonomyView {
        var paths: [Vertical: [IntentPath]] = [:]
        for exemplar in exemplars where !(paths[exemplar.vertical] ?? []).contains(exemplar.path) {
            paths[exemplar.vertical, default: []].append(exemplar.path)
        }
        return TaxonomyView(paths: paths, source: self)
    }

    package func neighbours(of query: TaxonomyQuery) async throws -> [TaxonomyNeighbour] {
        let found = exemplars.enumerated().filter { _, exemplar in
            exemplar.vertical == query.vertical && (query.within.map { exemplar.path.isWithin($0) } ?? true)
        }.map { place, exemplar in
            (place: place, exemplar: exemplar, cosine: Double(Direction.dot(exemplar.vector, query.vector)))
        }
        return found.sorted { $0.cosine != $1.cosine ? $0.cosine > $1.cosine : $0.place < $1.place }
            .prefix(query.count)
            .map { TaxonomyNeighbour(text: $0.exemplar.text, path: $0.exemplar.path, similarity: $0.cosine) }
    }
}
