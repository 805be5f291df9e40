extension Measure {
    /// Averages over classes in which each class weighs the same.
    package struct Macro: Sendable, Equatable {
        package var precision: Double
        package var recall: Double
        package var f1: Double
        /// How many classes the gold labels name.
        package var classes: Int
    }

    /// The accuracy at one level of the hierarchy.
    package struct Level: Sendable, Equatable {
        /// 1 is the coarsest.
        package var depth: Int
        /// Utterances whose gold path is at least so deep.
        package var count: Int
        package var accuracy: Double
    }

    /// The share of predictions that equal the gold label; no prediction is a wrong one.
    package static func accuracy<Label: Equatable>(gold: [Label], predicted: [Label?]) -> Double? {
        requireEqual(gold.count, predicted.count)
        return share(zip(gold, predicted).map { $0 == $1 })
    }

    /// Precision, recall and F1 of each class, averaged over the classes that occur in `gold`.
    ///
    /// Of a class: precision = right / predicted as it, recall = right / gold, F1 = 2 right / (predicted + gold); a class
    /// that is never predicted has precision 0. A prediction outside these classes counts as a miss of its gold class
    /// alone. The F1 is the mean of the classes' F1 (Opitz and Burst 2019, the first of their two), as scikit-learn's
    /// `f1_score(average: "macro", labels: the gold ones, zero_division: 0)`.
    package static func macro<Label: Hashable>(gold: [Label], predicted: [Label?]) -> Macro? {
        requireEqual(gold.count, predicted.count)
        guard !gold.isEmpty else { return nil }
        // Places in the order of first occurrence, so that the sums below come out the same every time.
        var places: [Label: Int] = [:]
        var counts: [(gold: Int, predicted: Int, right: Int)] = []
        for label in gold {
            if let place = places[label] {
                counts[place].gold += 1
            } else {
                places[label] = counts.count
                counts.append((1, 0, 0))
            }
        }
        for (label, guess) in zip(gold, predicted) {
            guard let guess, let place = places[guess] else { continue }
            counts[place].predicted += 1
            if guess == label { counts[place].right += 1 }
        }
        var sum = Macro(precision: 0, recall: 0, f1: 0, classes: counts.count)
        for count in counts {
            let right = Double(count.right)
            sum.precision += count.predicted > 0 ? right / Double(count.predicted) : 0
            sum.recall += right / Double(count.gold)
            sum.f1 += 2 * right / Double(count.gold + count.predicted)
        }
        sum.precision /= Double(counts.count)
        sum.recall /= Double(counts.count)
        sum.f1 /= Double(counts.count)
        return sum
    }

    /// For each depth that occurs in `gold`: of the utterances whose gold path is at least so deep, the share whose
    /// prediction begins with the same levels. A prediction that is less deep is a wrong one.
    package static func accuracyByDepth(gold: [IntentPath], predicted: [IntentPath?]) -> [Level] {
        requireEqual(gold.count, predicted.count)
        let deepest = gold.map(\.depth).max() ?? 0
        return (0..<deepest).map { level in
            var count = 0
            var right = 0
            for (path, guess) in zip(gold, predicted) where path.depth > level {
                count += 1
                if let guess, guess.levels.prefix(level + 1) == path.levels.prefix(level + 1), guess.depth > level {
                    right += 1
                }
            }
            return Level(depth: level + 1, count: count, accuracy: Double(right) / Double(count))
        }
    }

    /// The share of utterances whose gold label is among the labels of the `k` nearest exemplars.
    ///
    /// - Parameter retrieved: the labels of each utterance's exemplars, nearest first, with repetitions.
    package static func recall<Label: Equatable>(atK k: Int, gold: [Label], retrieved: [[Label]]) -> Double? {
        requireEqual(gold.count, retrieved.count)
        return share(zip(gold, retrieved).map { label, labels in labels.prefix(k).contains(label) })
    }
}
