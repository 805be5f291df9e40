internal import Foundation

/// The one number that turns scores into probabilities: softmax(log-scores / T), with T fitted on held-out utterances
/// (temperature scaling; Guo et al. 2017, section 4.2).
///
/// A value. T leaves the order of the candidates, and so the accuracy, as it is.
package struct TemperatureFit: Sendable, Equatable {
    /// What the fit minimises.
    package enum Loss: Sendable {
        /// Mean -log p(gold) (Guo et al.); utterances whose gold label is no candidate, or has no chance at any
        /// temperature, are left out.
        case gold
        /// Mean -log p of "the leader is right", which counts every utterance, also where the gold label was not
        /// retrieved: the probability that a reply shows is the leader's.
        case leader
    }

    /// One utterance: its candidates' log-scores, and which of them is right.
    package struct Sample: Sendable, Equatable {
        package var logScores: [Double]
        /// Nil: none of them.
        package var gold: Int?

        /// The log-score of what is no candidate and has its share all the same; minus infinity: nothing.
        package var others: Double

        package init(logScores: [Double], gold: Int?, others: Double = -.infinity) {
            self.logScores = logScores
            self.gold = gold
            self.others = others
        }
    }

    package let temperature: Double
    /// Utterances that the fit counted.
    package let count: Int
    /// The loss at temperature 1.
    package let lossBefore: Double
    package let lossAfter: Double

    /// Temperatures that are tried. A set on which the leader is always right would else ask for 0.
    package static let range = 0.05...20.0

    /// - Returns: nil where no sample can tell anything: there is none, or each has fewer than two candidates with a
    ///   chance.
    package init?(_ samples: [Sample], minimising loss: Loss = .leader) {
        let prepared = samples.compactMap { Prepared($0, loss) }
        guard prepared.contains(where: { $0.isInformative }) else { return nil }
        func mean(_ logTemperature: Double) -> Double {
            let temperature = exp(logTemperature)
            return prepared.reduce(0) { $0 + $1.loss(temperature) } / Double(prepared.count)
        }
        // `.gold` is convex in 1/T, so it has one valley; `.leader` need not have one, so a grid finds the valley.
        let low = log(Self.range.lowerBound)
        let high = log(Self.range.upperBound)
        let steps = 60
        let grid = (0...steps).map { low + (high - low) * Double($0) / Double(steps) }
        let losses = grid.map(mean)
        let best = losses.indices.min { losses[$0] < losses[$1] } ?? 0
        let minimum = goldenSection(over: grid[max(0, best - 1)]...grid[min(steps, best + 1)], mean)
        temperature = exp(minimum)
        count = prepared.count
        lossBefore = mean(0)
        lossAfter = mean(minimum)
    }

    /// A sample with the distances to the greatest score, and what of it the loss asks for.
    private struct Prepared {
        /// Greatest log-score minus the others', those without a chance left out.
        let gaps: [Double]
        /// The gold label's distance (`.gold`).
        let goldGap: Double
        let isLeaderRight: Bool
        let wanted: Loss

        init?(_ sample: Sample, _ loss: Loss) {
            guard let greatest = sample.logScores.max(), greatest > -.infinity else { return nil }
            let gold = sample.gold.flatMap { sample.logScores[$0] > -.infinity ? $0 : nil }
            if case .gold = loss, gold == nil { return nil }
            gaps = (sample.logScores + [sample.others]).filter { $0 > -.infinity }.map { greatest - $0 }
            goldGap = gold.map { greatest - sample.logScores[$0] } ?? 0
            // The first of equals leads, as in a stable order.
            isLeaderRight = gold != nil && gold == sample.logScores.firstIndex(of: greatest)
            wanted = loss
        }

        var isInformative: Bool { gaps.contains { $0 > 0 } }

        func loss(_ temperature: Double) -> Double {
            let total = gaps.reduce(0) { $0 + exp(-$1 / temperature) }
            switch wanted {
            case .gold: return goldGap / temperature + log(total)
            case .leader:
                // p = 1 / total. 1 - p is kept from 0, since one sure mistake must not decide everything.
                return isLeaderRight ? log(total) : -log(max((total - 1) / total, 1e-4))
            }
        }
    }
}

/// Where a function with one valley is least (golden-section search; Kiefer 1953), to 1e-6 of the range's unit.
func goldenSection(over range: ClosedRange<Double>, _ function: (Double) -> Double) -> Double {
    let ratio = (5.0.squareRoot() - 1) / 2
    var (low, high) = (range.lowerBound, range.upperBound)
    var (left, right) = (high - ratio * (high - low), low + ratio * (high - low))
    var (atLeft, atRight) = (function(left), function(right))
    while high - low > 1e-6 {
        if atLeft <= atRight {
            (high, right, atRight) = (right, left, atLeft)
            left = high - ratio * (high - low)
            atLeft = function(left)
        } else {
            (low, left, atLeft) = (left, right, atRight)
            right = low + ratio * (high - low)
            atRight = function(right)
        }
    }
    return (low + high) / 2
}
