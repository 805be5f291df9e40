internal import Foundation

extension Measure {
    /// The expected calibration error of the leading candidates' probabilities: the mean gap between how often an answer
    /// is right and how sure it was, over bins of equal width, each weighted by its answers.
    ///
    /// ECE = sum over bins of |B| / n x |accuracy(B) - mean probability(B)|, bin m holding the probabilities in
    /// ((m - 1) / M, m / M]; 0 falls in the first (Naeini, Cooper and Hauskrecht 2015; Guo et al. 2017, eq. 3).
    package static func expectedCalibrationError(
        probabilities: [Double],
        isRight: [Bool],
        bins: Int = 15,
    ) -> Double? {
        requireEqual(probabilities.count, isRight.count)
        precondition(bins > 0, "a calibration error needs at least one bin")
        guard !probabilities.isEmpty else { return nil }
        // Of each bin: answers that are right, less the sum of their probabilities.
        var gaps = [Double](repeating: 0, count: bins)
        for (probability, isRight) in zip(probabilities, isRight) {
            gaps[bin(of: probability, among: bins)] += (isRight ? 1 : 0) - probability
        }
        return gaps.reduce(0) { $0 + abs($1) } / Double(probabilities.count)
    }

    /// The answers whose probability falls in one bin of a reliability diagram.
    package struct ReliabilityBin: Sendable, Equatable {
        /// At least 1.
        package var count: Int
        /// Mean of their probabilities.
        package var probability: Double
        /// Share of them that is right.
        package var accuracy: Double
    }

    /// How often answers of about the same probability are right, over the bins of `expectedCalibrationError` (DeGroot
    /// and Fienberg 1983); bins without answers are left out.
    package static func reliability(
        probabilities: [Double],
        isRight: [Bool],
        bins: Int = 15,
    ) -> [ReliabilityBin] {
        requireEqual(probabilities.count, isRight.count)
        precondition(bins > 0, "a reliability diagram needs at least one bin")
        var counts = [(count: Int, sum: Double, right: Int)](repeating: (0, 0, 0), count: bins)
        for (probability, isRight) in zip(probabilities, isRight) {
            let place = bin(of: probability, among: bins)
            counts[place].count += 1
            counts[place].sum += probability
            counts[place].right += isRight ? 1 : 0
        }
        return counts.filter { $0.count > 0 }.map { bin in
            ReliabilityBin(
                count: bin.count,
                probability: bin.sum / Double(bin.count),
                accuracy: Double(bin.right) / Double(bin.count),
            )
        }
    }

    /// Of bins of equal width, numbered from 0, each with its upper end; 0 falls in the first.
    private static func bin(of probability: Double, among bins: Int) -> Int {
        min(max(Int((probability * Double(bins)).rounded(.up)) - 1, 0), bins - 1)
    }

    /// Softmax of log-scores divided by a temperature.
    ///
    /// - Parameter others: the log-score of what is not listed and has its share all the same; minus infinity: nothing.
    /// - Returns: as many probabilities, which sum to 1 with that of the others; a score of minus infinity gets 0. Each
    ///   gets the same where no shares come out: all scores are minus infinity, or one is no finite number otherwise.
    package static func softmax(
        _ logScores: [Double],
        others: Double = -.infinity,
        temperature: Double = 1,
    ) -> [Double] {
        guard let greatest = logScores.max() else { return [] }
        let weights = logScores.map { exp(($0 - greatest) / temperature) }
        let total = weights.reduce(0, +) + exp((others - greatest) / temperature)
        let shares = weights.map { $0 / total }
        guard shares.allSatisfy(\.isFinite) else {
            return [Double](repeating: 1 / Double(logScores.count), count: logScores.count)
        }
        return shares
    }
}
