internal import Core
internal import Foundation

extension MemberFigures {
    /// The features in the order of `JudgeFeature.allCases`, by these of the members that were looked at.
    ///
    /// - Parameter subset: at least two.
    func features(of subset: [Int]) -> [Double] {
        let overlaps = PairSummary(overlap, count: count, subset)
        let walks = PairSummary(walk, count: count, subset)
        let similarities = PairSummary(similarity, count: count, subset)
        let cut = WeakestCut(weights: overlap, count: count, members: subset)
        func mean(_ figures: [Float]) -> Double {
            subset.reduce(0) { $0 + Double(figures[$1]) } / Double(max(1, subset.count))
        }
        return JudgeFeature.allCases.map { (feature: JudgeFeature) -> Double in
            switch feature {
            case .overlap: overlaps.mean
            case .connected: overlaps.share(atLeast: 0.1)
            case .lowOverlap: overlaps.low
            case .leastOverlap: overlaps.least
            case .largestPiece: overlaps.largestPiece(atLeast: 0.1)
            case .tightPiece: overlaps.largestPiece(atLeast: 0.3)
            case .secondEigenvalue: cut.secondEigenvalue
            case .weakestCut: cut.conductance
            case .walk: walks.mean
            case .lowWalk: walks.low
            case .similarity: similarities.mean
            case .lowSimilarity: similarities.low
            case .similaritySpread: similarities.spread
            case .reach: similarities.mean - mean(farthest)
            case .words: PairSummary(words, count: count, subset).mean
            case .inside: mean(inside)
            case .rival: mean(rival)
            case .silhouette: mean(silhouette)
            case .misplaced: Double(subset.count { silhouette[$0] < 0 }) / Double(max(1, subset.count))
            case .size: log(size)
            case .relativeSize: log(max(relativeSize, 1e-3))
            }
        }
    }

    /// The features by all that were looked at.
    var features: [Double] { features(of: Array(0..<count)) }

    /// Random halves of what was looked at, each in ascending order: what other samples might have shown.
    func halves(_ number: Int, using random: inout SeededGenerator) -> [[Int]] {
        guard count >= 4 else { return [] }
        return (0..<number).map { _ in Array((0..<count).shuffled(using: &random).prefix(count / 2)).sorted() }
    }
}

/// Figures of pairs in one.
private struct PairSummary {
    let mean: Double
    /// Of the members' means, the one that a fifth is below.
    let low: Double
    let least: Double
    /// Standard deviation of the members' means.
    let spread: Double
    private let pairs: [Float]
    private let count: Int
    private let subset: [Int]

    init(_ pairs: [Float], count: Int, _ subset: [Int]) {
        let others = Double(max(1, subset.count - 1))
        // The diagonal is 0.
        let means = pairs.withUnsafeBufferPointer { pairs in
            subset.map { row in
                var sum: Float = 0
                for column in subset { sum += pairs[row * count + column] }
                return Double(sum) / others
            }
        }
        let mean = means.reduce(0, +) / Double(max(1, means.count))
        self.mean = mean
        low = Measure.percentile(0.2, of: means) ?? 0
        least = means.min() ?? 0
        spread = (means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, means.count))).squareRoot()
        self.pairs = pairs
        self.count = count
        self.subset = subset
    }

    func share(atLeast threshold: Float) -> Double {
        var reached = 0
        for row in subset {
            for column in subset where column != row && pairs[row * count + column] >= threshold { reached += 1 }
        }
        return Double(reached) / Double(max(1, subset.count * (subset.count - 1)))
    }

    /// The share of the members in the largest piece of the graph of pairs that reach the threshold.
    func largestPiece(atLeast threshold: Float) -> Double {
        var isSeen = [Bool](repeating: false, count: count)
        var largest = 0
        for start in subset where !isSeen[start] {
            isSeen[start] = true
            var waiting = [start]
            var size = 0
            while let row = waiting.popLast() {
                size += 1
                for column in subset where !isSeen[column] && pairs[row * count + column] >= threshold {
                    isSeen[column] = true
                    waiting.append(column)
                }
            }
            largest = max(largest, size)
        }
        return Double(largest) / Double(max(1, subset.count))
    }
}
