internal import Core

/// A linear classifier that names intents, with the penalty that was best on utterances it had not seen.
///
/// A value. It can only name intents that it was trained on.
package struct IntentClassifier: Sendable {
    package struct Example: Sendable {
        package var row: FeatureRow
        package var gold: NamedIntent

        package init(row: FeatureRow, gold: NamedIntent) {
            self.row = row
            self.gold = gold
        }
    }

    package struct Settings: Sendable {
        /// That are tried; the penalty is divided by the number of rows.
        package var strengths: [Double]
        package var epochs: Int
        /// Chooses orders, and what is held out.
        package var seed: UInt64

        package init(strengths: [Double] = [1, 0.3, 0.1, 0.03, 0.01], epochs: Int = 30, seed: UInt64 = 1) {
            self.strengths = strengths
            self.epochs = epochs
            self.seed = seed
        }
    }

    /// In alphabetical order.
    package let intents: [NamedIntent]
    /// The one that was chosen.
    package let strength: Double
    /// Rows that it was trained on in the end.
    package let trainedOn: Int
    private let classifier: LinearClassifier

    /// - Parameters:
    ///   - train: at least one.
    ///   - valid: that the penalty is chosen on; without any, each fifth of `train` is held out for it.
    ///   - learnsValid: whether `valid` is trained on too once the penalty is chosen.
    ///   - features: the rows' are below it.
    package init(train: [Example], valid: [Example], learnsValid: Bool, features: Int, settings: Settings) {
        let (learnt, asked) = valid.isEmpty ? Self.holdOut(train, seed: settings.seed) : (train, valid)
        // Strongest first, which stays where a weaker one is no better.
        let strengths = settings.strengths.sorted(by: >)
        precondition(!strengths.isEmpty, "at least one strength is tried")
        var best = (strength: strengths[strengths.count / 2], right: -1)
        if !asked.isEmpty, strengths.count > 1 {
            for strength in strengths {
                let tried = Self.fitted(learnt, features: features, strength, settings)
                let right = asked.count { tried.intents[tried.classifier.leader(of: $0.row).label] == $0.gold }
                if right > best.right { best = (strength, right) }
            }
        }
        let known = learnsValid ? train + valid : train
        strength = best.strength
        trainedOn = known.count
        (intents, classifier) = Self.fitted(known, features: features, best.strength, settings)
    }

    /// That rows have, whatever they are features of.
    package var features: Int { classifier.features }

    /// The likeliest intent; of equally likely ones the first.
    package func answer(to row: FeatureRow) -> (intent: NamedIntent, probability: Double) {
        let leader = classifier.leader(of: row)
        return (intents[leader.label], leader.probability)
    }

    private static func fitted(
        _ examples: [Example],
        features: Int,
        _ strength: Double,
        _ settings: Settings,
    ) -> (intents: [NamedIntent], classifier: LinearClassifier) {
        let intents = Set(examples.map(\.gold)).sorted()
        precondition(!intents.isEmpty, "a classifier is trained on at least one utterance")
        let labels = Dictionary(uniqueKeysWithValues: intents.enumerated().map { ($0.element, $0.offset) })
        let classifier = LinearClassifier(
            rows: examples.map(\.row),
            // Every gold intent was numbered two lines above.
            labels: examples.map { labels[$0.gold, default: 0] },
            classes: intents.count,
            features: features,
            settings: .init(strength: strength, epochs: settings.epochs, seed: settings.seed),
        )
        return (intents, classifier)
    }

    /// A fifth, drawn by the seed; nothing of fewer than five.
    private static func holdOut(_ examples: [Example], seed: UInt64) -> (learnt: [Example], asked: [Example]) {
        var random = SeededGenerator(seed: seed)
        let shuffled = examples.shuffled(using: &random)
        let held = shuffled.count / 5
        return (Array(shuffled.dropFirst(held)), Array(shuffled.prefix(held)))
    }
}

extension LinearClassifier {
    fileprivate func leader(of row: FeatureRow) -> (label: Int, probability: Double) {
        let probabilities = probabilities(of: row)
        var leader = 0
        for label in probabilities.indices where probabilities[label] > probabilities[leader] { leader = label }
        return (leader, Double(probabilities[leader]))
    }
}
