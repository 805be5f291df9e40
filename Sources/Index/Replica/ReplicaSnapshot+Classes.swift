internal import CGaussian
package import Core
internal import Foundation
internal import HashTreeCollections

extension ReplicaSnapshot {
    /// What all exemplars of each intent say together of the query's vector and words.
    ///
    /// Of every enabled intent of the query's verticals that is within its paths: a dot product or two each, some tens
    /// of microseconds for a few hundred intents, on the calling thread. Excluded exemplars are taken out of their
    /// intent's mean, and the first of them in a vertical out of the covariance too, if that holds it.
    ///
    /// No figure is infinite or no number, whatever the exemplars and the weights, but for `others` where there are none:
    /// an intent of which nothing finite can be said is left out, a distance that is not finite is not told, and where
    /// weights make a term or `others` too large they count as the greatest number that there is.
    /// - Parameter listed: how many intents are told of, beside those in `including`.
    /// - Returns: nil where there is no exemplar to speak of.
    /// - Throws: `.invalidArgument` for a vector of another length.
    package func classEvidence(
        for query: SearchQuery,
        weights: ClassWeights? = nil,
        listed: Int = ClassEvidence.usualFigures,
        including: Set<IntentID> = [],
    ) throws(SwitchboardError) -> ClassEvidence? {
        try check(query.vector)
        let places = Set(query.verticals.compactMap { state.verticalPlaces[$0] }).sorted()
        let sizes = places.map { state.verticals[$0].classes.size }
        let intents = sizes.reduce(0) { $0 + $1.intents }
        guard intents > 0 else { return nil }
        let exemplars = sizes.reduce(0) { $0 + $1.exemplars }
        // A vertical that is too small for a covariance of its own borrows that of the largest one.
        let lender = zip(places, sizes).filter { state.verticals[$0.0].classes.factor != nil }
            .max { ($0.1.exemplars, -$0.0) < ($1.1.exemplars, -$1.0) }?.0
        // Densities are compared in figures that all of them have.
        let isWide = zip(places, sizes).allSatisfy {
            $0.1.exemplars == 0 || state.verticals[$0.0].classes.factor?.wide != nil
        }
        let question = Question(query, isWide: isWide)
        let searched = places.map { SearchedVertical(place: $0, isSearched: isSearched(by: query, in: $0)) }
        let words = query.text.flatMap { wordEvidence(of: $0, in: searched, excluding: query.excluding) }
        var figures: [ClassFigure] = []
        var distance: Double?
        for (number, vertical) in searched.enumerated() {
            let lent = lender.flatMap { state.verticals[$0].classes.factor }
            let found = self.figures(of: vertical, lent: lent, question) { slot, count in
                words?.logLift(number, slot: slot, count: count) ?? 0
            }
            figures += found.figures
            if let near = found.distance, near.isFinite { distance = min(distance ?? near, near) }
        }
        guard let nearest = figures.map(\.cosine).max() else { return nil }
        return ClassEvidence(
            figures: figures,
            weights: weights ?? ClassWeights(exemplarsPerIntent: Double(exemplars) / Double(intents)),
            nearestMean: nearest,
            relativeDistance: distance,
            wordLift: words.flatMap { words in figures.map(\.words).max().map(words.byFeature) },
        ).listing(listed, including: including)
    }

    /// By slot: whether the intent that it stands for is enabled and within the query's paths.
    private func isSearched(by query: SearchQuery, in place: Int) -> [Bool] {
        let intents = state.verticals[place].intents
        guard !query.within.isEmpty else { return intents.isEnabled }
        return intents.ids.indices.map { slot in
            intents.isEnabled[slot] && isWithin(intents.intent(of: UInt32(slot)), query.within)
        }
    }

    /// - Parameters:
    ///   - lent: for a vertical without a factor of its own.
    ///   - words: what the utterance's words say of the intent of a slot that has so many exemplars.
    /// - Returns: also the distance to the nearest mean, less that to the centre of all means, in units of the exemplars'
    ///   own.
    private func figures(
        of vertical: SearchedVertical,
        lent: ClassFactor?,
        _ question: Question,
        words: (_ slot: Int, _ count: Int) -> Double,
    ) -> (figures: [ClassFigure], distance: Double?) {
        let (query, space, isWide) = (question.query, question.space, question.isWide)
        let index = state.verticals[vertical.place]
        let classes = index.classes
        let factor = classes.factor ?? lent
        let isBorrowed = classes.factor == nil
        let extent = isWide ? factor?.wide : factor?.narrow
        let vector = extent.flatMap { factor?.whitened(question.lifted, $0) } ?? []
        let square = Double(cgaussian_dot(vector, vector, vector.count)) / 2
        let taken = without(query.excluding, of: vertical.place)
        var removal: Removal?
        if let first = taken.first, let factor, let extent, !isBorrowed, first.row < classes.factorRows {
            let whitened = factor.whitened(isWide ? space.lift(first.vector) : first.vector, extent)
            removal = Removal(of: whitened, from: classes.entries[Int(first.slot)], under: factor)
        }
        let projection = removal?.projection(vector) ?? 0
        var figures: [ClassFigure] = []
        var searched: [ClassStatistics.Entry] = []
        for (slot, entry) in classes.entries.enumerated() where entry.count > 0 && vertical.isSearched[slot] {
            var entry = entry
            let gone = taken.filter { Int($0.slot) == slot }
            if !gone.isEmpty || isBorrowed {
                var sum = entry.sum
                for exemplar in gone { sum.remove(space.lift(exemplar.vector)) }
                guard sum.count > 0 else { continue }
                entry = ClassStatistics.entry(of: sum, under: factor, extent, space)
            }
            if isBorrowed || !query.within.isEmpty { searched.append(entry) }
            let density = factor.map { _ in
                Double(cgaussian_dot(vector, entry.whitened, vector.count)) - entry.halfSquare(of: vector.count)
                    - square - (extent?.halfLogDeterminant ?? 0) - (removal?.loss(projection, entry.whitened) ?? 0)
            }
            let cosine = Double(cgaussian_dot(query.vector, entry.direction, query.vector.count))
            guard cosine.isFinite, density?.isFinite ?? true else { continue }
            let said = words(slot, entry.count)
            figures.append(
                ClassFigure(intent: index.intents.ids[slot], cosine: cosine, logDensity: density, words: said)
            )
        }
        guard let extent, let densest = figures.compactMap(\.logDensity).max() else { return (figures, nil) }
        // Of all intents it is kept, with those that are disabled and what is excluded: a few of many.
        let kept = searched.isEmpty ? classes.centre?.whitened(classes.entries) : nil
        let centre = kept ?? ClassCentre.mean(searched)
        let fromCentre =
            square + Double(cgaussian_dot(centre, centre, vector.count)) / 2
            - Double(cgaussian_dot(vector, centre, vector.count)) + (removal?.loss(projection, centre) ?? 0)
        return (figures, -2 * (densest + extent.halfLogDeterminant + fromCentre) / extent.meanDistance)
    }

    /// The excluded exemplars that lie in the vertical, with the slots that theirs stand for.
    private func without(_ excluded: Set<ExemplarID>, of place: Int) -> [(row: Int, slot: UInt32, vector: [Float])] {
        let table = state.verticals[place].table
        return excluded.compactMap { id in
            guard let found = state.exemplars[id], found.vertical == place else { return nil }
            let slot = state.verticals[place].intents.standing[Int(table.slot(of: found.row))]
            return (found.row, slot, state.vector(at: found))
        }.sorted { $0.row < $1.row }
    }
}

/// A vertical, and by slot whether the intent that it stands for is searched.
struct SearchedVertical {
    let place: Int
    let isSearched: [Bool]
}

/// A query as class statistics are asked it.
private struct Question {
    let query: SearchQuery
    let space: ClassSpace
    /// Whether all verticals' factors are, so that lifted vectors are compared.
    let isWide: Bool
    /// Of the query, as wide as they are.
    let lifted: [Float]

    init(_ query: SearchQuery, isWide: Bool) {
        self.query = query
        self.isWide = isWide
        space = ClassSpace(dimension: query.vector.count)
        lifted = isWide ? space.lift(query.vector) : query.vector
    }
}

/// What taking one exemplar out of a covariance does to densities: a change of rank one (Sherman and Morrison 1950).
///
/// Without x the scatter within its intent loses n / (n - 1) (x - m)(x - m)', m the mean with it.
private struct Removal {
    /// Of the exemplar from its intent's mean, whitened.
    let direction: [Float]
    private let weight: Double

    /// - Parameter vector: whitened.
    /// - Returns: nil where it is its intent's only exemplar, which adds nothing to the covariance.
    init?(of vector: [Float], from entry: ClassStatistics.Entry, under factor: ClassFactor) {
        guard entry.count > 1 else { return nil }
        direction = zip(vector, entry.whitened).map { $0 - $1 }
        let count = Double(entry.count)
        let share = (1 - factor.shrinkage) / Double(factor.count) * count / (count - 1)
        let square = Double(cgaussian_dot(direction, direction, direction.count))
        weight = share / max(1 - share * square, 0.05)
    }

    func projection(_ whitened: [Float]) -> Float { cgaussian_dot(whitened, direction, direction.count) }

    /// What the density at a whitened vector loses, where `projection` is that of the vector.
    ///
    /// - Parameter mean: whitened.
    func loss(_ projection: Float, _ mean: [Float]) -> Double {
        let distance = Double(projection - self.projection(mean))
        return weight * distance * distance / 2
    }
}
