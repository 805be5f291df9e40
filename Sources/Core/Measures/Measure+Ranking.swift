extension Measure {
    /// How right the answers are when only the surest are given.
    package struct CoveragePoint: Sendable, Equatable {
        /// Share of utterances that are answered.
        package var coverage: Double
        /// Share of those that are right.
        package var accuracy: Double
    }

    /// Coverage against accuracy: for each different score, what is answered from that score up (El-Yaniv and Wiener
    /// 2010; risk there is 1 - accuracy here).
    ///
    /// - Returns: surest first, the last point covering everything. Equally sure answers are given together, since no
    ///   threshold can tell them apart.
    package static func coverageCurve(scores: [Double], isRight: [Bool]) -> [CoveragePoint] {
        requireEqual(scores.count, isRight.count)
        let order = scores.indices.sorted { scores[$0] > scores[$1] }
        var points: [CoveragePoint] = []
        var right = 0
        for (place, index) in order.enumerated() {
            if isRight[index] { right += 1 }
            let answered = place + 1
            if answered < order.count, scores[order[answered]] == scores[index] { continue }
            points.append(
                CoveragePoint(
                    coverage: Double(answered) / Double(order.count),
                    accuracy: Double(right) / Double(answered),
                )
            )
        }
        return points
    }

    /// Of a coverage curve, the first point that covers at least each of the wanted shares.
    package static func points(_ wanted: [Double], of curve: [CoveragePoint]) -> [CoveragePoint] {
        // A whole number of utterances rarely makes the wanted share to the last bit.
        wanted.compactMap { share in curve.first { $0.coverage >= share - 1e-9 } }
    }

    /// The value that a share of all values does not exceed: the nearest rank, so one that did occur.
    ///
    /// - Parameter share: in 0...1; 0.5 is the median (of an even number the lower).
    /// - Returns: nil of no values.
    package static func percentile<Value: Comparable>(_ share: Double, of values: [Value]) -> Value? {
        percentiles([share], of: values)?.first
    }

    /// Several percentiles for one sorting.
    package static func percentiles<Value: Comparable>(_ shares: [Double], of values: [Value]) -> [Value]? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        return shares.map { share in
            // 0.95 x 20 is 19 and a little more in binary, and means the 19th.
            let rank = Int((share * Double(sorted.count) - 1e-9).rounded(.up))
            return sorted[min(max(rank, 1), sorted.count) - 1]
        }
    }
}
