internal import Foundation

/// What all exemplars of an intent say together of an utterance, beside what its nearest ones vote.
package struct ClassFigure: Sendable, Hashable {
    package var intent: IntentID
    /// Cosine to the mean of the intent's exemplars.
    package var cosine: Double
    /// Log-density under the intent's mean and the covariance that the vertical's intents have in common, but for a
    /// constant that is the same for all; nil while there are too few exemplars for a covariance.
    package var logDensity: Double?
    /// Log of how much likelier the utterance's words are under the intent than under all; 0 where the utterance is not
    /// known, or no exemplar shares a word with it.
    package var words: Double

    package init(intent: IntentID, cosine: Double, logDensity: Double?, words: Double = 0) {
        self.intent = intent
        self.cosine = cosine
        self.logDensity = logDensity
        self.words = words
    }
}

/// How much each kind of class evidence counts, log-linearly:
/// score ~ exp((log(vote + 0.001) + density x log-density + cosine x cosine + words x words' log-lift) / temperature).
package struct ClassWeights: Sendable, Hashable {
    package var density: Double
    package var cosine: Double
    package var words: Double
    /// The kinds of evidence come from the same exemplars, so their sum is too sure of itself by so much.
    package var temperature: Double

    package init(density: Double, cosine: Double, words: Double = 0, temperature: Double) {
        self.density = density
        self.cosine = cosine
        self.words = words
        self.temperature = temperature
    }

    /// What holds while nothing was fitted: the fewer exemplars an intent has, the more their mean says beside its
    /// nearest few. docs/scoring.md has the figures.
    package init(exemplarsPerIntent: Double) {
        let share = min(1 / max(exemplarsPerIntent, 1), 0.25)
        self.init(density: 0.09 + share, cosine: 1.5 + 135 * share, words: 0.2, temperature: 3 + 25 * share)
    }
}

/// Class evidence of an utterance, of the intents that it speaks for most and of those that voted.
package struct ClassEvidence: Sendable, Hashable {
    /// Of how many intents it usually has a figure, beside those that voted.
    package static let usualFigures = 10

    package var figures: [ClassFigure]
    package var weights: ClassWeights
    /// temperature x log of the sum of exp(term / temperature) over the searched intents that `figures` leaves out;
    /// -infinity: there are none.
    package var others: Double
    /// Greatest cosine to the mean of an intent's exemplars; nil where a worker does not tell.
    package var nearestMean: Double?
    /// Squared Mahalanobis distance to the nearest intent's mean, less that to the centre of all of the vertical's means
    /// (Ren et al. 2021), in units of the exemplars' own mean distance to theirs: below 0 for what resembles an intent, about 0
    /// for what is as near to all as to any; nil while there are too few for a covariance.
    package var relativeDistance: Double?
    /// Greatest `ClassFigure.words` by the utterance's words and pairs of words, those that nobody said too; nil where it has
    /// no word, or is not known.
    package var wordLift: Double?

    package init(
        figures: [ClassFigure],
        weights: ClassWeights,
        others: Double = -.infinity,
        nearestMean: Double? = nil,
        relativeDistance: Double? = nil,
        wordLift: Double? = nil,
    ) {
        self.figures = figures
        self.weights = weights
        self.others = others
        self.nearestMean = nearestMean
        self.relativeDistance = relativeDistance
        self.wordLift = wordLift
    }

    /// The intents that it speaks for most, and those in `including`; the others are summed up under its weights.
    ///
    /// - Parameter count: of the former; equal ones in the order of their ids.
    package func listing(_ count: Int, including: Set<IntentID>) -> ClassEvidence {
        let terms = figures.map { Self.bounded(term($0)) }
        let order = figures.indices.sorted {
            terms[$0] != terms[$1] ? terms[$0] > terms[$1] : figures[$0].intent < figures[$1].intent
        }
        var listing = self
        listing.figures = []
        var left: [Double] = []
        for (rank, index) in order.enumerated() {
            if rank < count || including.contains(figures[index].intent) {
                listing.figures.append(figures[index])
            } else {
                left.append(terms[index])
            }
        }
        if others > -.infinity { left.append(others) }
        if let greatest = left.max() {
            let sum = left.reduce(0) { $0 + exp(($1 - greatest) / weights.temperature) }
            listing.others = Self.bounded(greatest + weights.temperature * log(sum))
        }
        return listing
    }

    /// The finite number nearest to it; what is no number counts least.
    private static func bounded(_ number: Double) -> Double {
        let most = Double.greatestFiniteMagnitude
        return number.isNaN ? -most : min(max(number, -most), most)
    }

    /// What a figure adds to the logarithm of a vote.
    package func term(_ figure: ClassFigure) -> Double {
        weights.density * (figure.logDensity ?? 0) + weights.cosine * figure.cosine + weights.words * figure.words
    }
}
