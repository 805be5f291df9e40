internal import Foundation

// Two evaluations of the same utterances beside each other: whether one is better, or luck.
extension Measure {
    /// Whether two systems differ on the same utterances.
    package struct McNemar: Sendable, Equatable {
        /// Utterances that only the first, only the second has right.
        package var onlyFirst: Int
        package var onlySecond: Int
        /// Two-sided: how likely so unequal a split is if neither system is better.
        package var pValue: Double
    }

    /// McNemar's test (1947) on which answers are right, without the normal approximation: under the null hypothesis the
    /// smaller of the two counts is binomial with probability one half.
    package static func mcNemar(first: [Bool], second: [Bool]) -> McNemar {
        requireEqual(first.count, second.count)
        let onlyFirst = zip(first, second).count { $0 && !$1 }
        let onlySecond = zip(first, second).count { $1 && !$0 }
        return McNemar(
            onlyFirst: onlyFirst,
            onlySecond: onlySecond,
            pValue: mcNemarExact(onlyFirst, onlySecond),
        )
    }

    /// min(1, 2 P(X <= min(b, c))) for X binomial over b + c trials.
    static func mcNemarExact(_ b: Int, _ c: Int) -> Double {
        let trials = b + c
        guard trials > 0 else { return 1 }
        // Each term in logarithms, since 2^-trials leaves the range of Double at 1,075 trials.
        let tail = (0...min(b, c)).reduce(0.0) { sum, wins in
            let logTerm =
                logFactorial(trials) - logFactorial(wins) - logFactorial(trials - wins) - Double(trials) * log(2)
            return sum + exp(logTerm)
        }
        return min(1, 2 * tail)
    }

    /// log n!
    private static func logFactorial(_ number: Int) -> Double { lgamma(Double(number) + 1) }

    /// The normal approximation with the continuity correction of Edwards 1948: z = (|b - c| - 1) / sqrt(b + c). For
    /// comparison with figures that were published with it; from about 25 differing utterances on it is close.
    package static func mcNemarApproximate(_ b: Int, _ c: Int) -> Double {
        guard b + c > 0 else { return 1 }
        let z = Double(max(0, abs(b - c) - 1)) / Double(b + c).squareRoot()
        return erfc(z / 2.0.squareRoot())
    }

    /// How far a difference between two systems can be trusted.
    package struct Bootstrap: Sendable, Equatable {
        /// First minus second, on the utterances as they are.
        package var difference: Double
        /// The middle 95 % of the differences on resampled utterances.
        package var lower: Double
        package var upper: Double
        /// Two-sided: twice the smaller share of resamples on which the difference is at most, or at least, 0.
        package var pValue: Double
    }

    /// The paired bootstrap: utterances are drawn with replacement, both systems measured on the same draw (Efron and
    /// Tibshirani 1993, percentile intervals; Koehn 2004 for paired systems). p-values count the sample itself in, so
    /// they are never 0 (Davison and Hinkley 1997, eq. 4.11).
    ///
    /// - Parameters:
    ///   - first: a figure for each utterance, such as 1 where it is right.
    ///   - resamples: how often to draw.
    ///   - seed: the same seed gives the same result.
    /// - Returns: nil without utterances.
    package static func pairedBootstrap(
        first: [Double],
        second: [Double],
        resamples: Int = 10_000,
        seed: UInt64,
    ) -> Bootstrap? {
        requireEqual(first.count, second.count)
        let differences = zip(first, second).map { $0 - $1 }
        return pairedBootstrap(count: differences.count, resamples: resamples, seed: seed) { drawn in
            drawn.reduce(0) { $0 + differences[$1] } / Double(drawn.count)
        }
    }

    /// The same for a figure that is no mean over utterances, such as the difference of two macro F1.
    ///
    /// - Parameter difference: first minus second, on the utterances with these indices (with repetitions).
    package static func pairedBootstrap(
        count: Int,
        resamples: Int = 10_000,
        seed: UInt64,
        difference: ([Int]) -> Double,
    ) -> Bootstrap? {
        precondition(resamples > 0, "a bootstrap needs at least one resample")
        guard count > 0 else { return nil }
        var random = SeededGenerator(seed: seed)
        var drawn = Array(0..<count)
        let observed = difference(drawn)
        var differences: [Double] = []
        differences.reserveCapacity(resamples)
        for _ in 0..<resamples {
            for place in drawn.indices { drawn[place] = Int.random(in: 0..<count, using: &random) }
            differences.append(difference(drawn))
        }
        differences.sort()
        let notAbove = differences.count { $0 <= 0 }
        let notBelow = differences.count { $0 >= 0 }
        let bounds = percentiles([0.025, 0.975], of: differences) ?? [observed, observed]
        return Bootstrap(
            difference: observed,
            lower: bounds[0],
            upper: bounds[1],
            pValue: min(1, 2 * Double(min(notAbove, notBelow) + 1) / Double(resamples + 1)),
        )
    }
}
