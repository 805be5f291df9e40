extension Measure {
    /// How well utterances that no intent fits are told from the others.
    package struct OutOfScope: Sendable, Equatable {
        /// In-scope utterances that are answered, and right; nil without any in scope.
        package var inScopeAccuracy: Double?
        /// Share of the out-of-scope utterances that are refused; nil without any.
        package var recall: Double?
        /// Share of the refused utterances that are out of scope; nil where none is refused.
        package var precision: Double?
        /// 2 x right refusals / (refusals + out-of-scope utterances); nil without either.
        package var f1: Double?
        package var refused: Int
    }

    /// One utterance as a threshold sees it.
    package struct ScopedAnswer: Sendable, Equatable {
        /// The figure that decides UNKNOWN: refused where it is below the threshold.
        package var score: Double
        package var isOutOfScope: Bool
        /// The leading candidate is the gold intent; means nothing out of scope.
        package var isRight: Bool

        package init(score: Double, isOutOfScope: Bool, isRight: Bool) {
            self.score = score
            self.isOutOfScope = isOutOfScope
            self.isRight = isRight
        }
    }

    /// What a threshold gives: an answer is refused (UNKNOWN) where its score is below it.
    ///
    /// Recall and in-scope accuracy as in Larson et al. 2019; a refused in-scope utterance counts as wrong.
    package static func outOfScope(_ answers: [ScopedAnswer], threshold: Double) -> OutOfScope {
        outOfScope(answers, isRefused: answers.map { $0.score < threshold })
    }

    /// The same for answers of which it is known whether they were refused.
    package static func outOfScope(_ answers: [ScopedAnswer], isRefused: [Bool]) -> OutOfScope {
        requireEqual(answers.count, isRefused.count)
        var counts = ScopeCounts()
        for (answer, isRefused) in zip(answers, isRefused) {
            counts.add(answer)
            if isRefused { counts.refuse(answer) }
        }
        return counts.measures
    }

    /// The area under the ROC curve: how often, of two utterances of either kind drawn at random, the positive one scores
    /// higher; a tie counts half (the Mann-Whitney statistic; Hanley and McNeil 1982).
    ///
    /// - Returns: nil without positive or without negative ones.
    package static func auroc(positive: [Double], negative: [Double]) -> Double? {
        guard !positive.isEmpty, !negative.isEmpty else { return nil }
        let all = (positive.map { (score: $0, isPositive: true) } + negative.map { (score: $0, isPositive: false) })
            .sorted { $0.score < $1.score }
        // Twice the number of pairs won, so that halves stay whole numbers.
        var doubledWins = 0
        var negativesBelow = 0
        var start = 0
        while start < all.count {
            var end = start
            var positives = 0
            while end < all.count, all[end].score == all[start].score {
                if all[end].isPositive { positives += 1 }
                end += 1
            }
            let negatives = end - start - positives
            doubledWins += positives * (2 * negativesBelow + negatives)
            negativesBelow += negatives
            start = end
        }
        return Double(doubledWins) / Double(2 * positive.count * negative.count)
    }
}

/// How many utterances there are of each kind, and how many of them are refused.
struct ScopeCounts {
    var inScope = 0
    var outOfScope = 0
    /// In scope, answered and right.
    var right = 0
    var refusedInScope = 0
    var refusedOutOfScope = 0

    /// Counts an utterance as answered.
    mutating func add(_ answer: Measure.ScopedAnswer) {
        if answer.isOutOfScope {
            outOfScope += 1
        } else {
            inScope += 1
            if answer.isRight { right += 1 }
        }
    }

    /// Turns one that was counted as answered into a refused one.
    mutating func refuse(_ answer: Measure.ScopedAnswer) {
        if answer.isOutOfScope {
            refusedOutOfScope += 1
        } else {
            refusedInScope += 1
            if answer.isRight { right -= 1 }
        }
    }

    var measures: Measure.OutOfScope {
        func fraction(_ part: Int, _ whole: Int) -> Double? { whole > 0 ? Double(part) / Double(whole) : nil }
        let refused = refusedInScope + refusedOutOfScope
        return Measure.OutOfScope(
            inScopeAccuracy: fraction(right, inScope),
            recall: fraction(refusedOutOfScope, outOfScope),
            precision: fraction(refusedOutOfScope, refused),
            f1: fraction(2 * refusedOutOfScope, refused + outOfScope),
            refused: refused,
        )
    }
}
