internal import Foundation

/// How long something usually takes, as a quantile of late: a histogram with buckets of equal ratio whose old counts fade.
///
/// The answer is the upper bound of the quantile's bucket, so never below the quantile and at most a ninth above it. Each
/// time the counts reach `memory` all are halved, so that the newest weigh most. Times below 50 us count as that, times
/// above 69 s as about that.
package struct UsualTime: Sendable {
    private static let least = 50e-6
    /// Buckets in which times double.
    private static let perDoubling = 7.0
    private static let bucketCount = 144

    private let quantile: Double
    private let memory: Double
    private let needed: Double
    private var counts = [Double](repeating: 0, count: bucketCount)
    private var total = 0.0
    private var seen = 0.0

    /// - Parameters:
    ///   - quantile: 0...1, such as 0.95.
    ///   - memory: observations after which the counts are halved.
    ///   - needed: with fewer there is no answer.
    package init(quantile: Double, memory: Int = 1_000, needed: Int = 50) {
        precondition(quantile > 0 && quantile < 1 && memory > 0 && needed > 0, "a quantile of something")
        self.quantile = quantile
        self.memory = Double(memory)
        self.needed = Double(needed)
    }

    package mutating func observe(_ time: Duration) {
        counts[Self.bucket(of: time.seconds)] += 1
        total += 1
        seen += 1
        guard total >= memory else { return }
        for index in counts.indices { counts[index] /= 2 }
        total /= 2
    }

    /// The quantile; nil while too little was observed.
    package var value: Duration? {
        guard seen >= needed else { return nil }
        var below = 0.0
        for (index, count) in counts.enumerated() {
            below += count
            if below >= quantile * total { return .seconds(Self.upperBound(ofBucket: index)) }
        }
        return .seconds(Self.upperBound(ofBucket: Self.bucketCount - 1))
    }

    private static func bucket(of seconds: Double) -> Int {
        guard seconds > least else { return 0 }
        return min(Int((log2(seconds / least) * perDoubling).rounded(.up)), bucketCount - 1)
    }

    private static func upperBound(ofBucket index: Int) -> Double {
        least * exp2(Double(index) / perDoubling)
    }
}
