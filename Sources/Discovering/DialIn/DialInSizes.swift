internal import Foundation

/// The numbers of clusters that a round of the dial-in loop tries (the paper's N), made for what is left.
struct DialInSizes {
    /// Ascending, each once, at least 2.
    let counts: [Int]

    /// How many are tried, as in the experiment that the defaults come from.
    static let tries = 7

    /// - Parameters:
    ///   - rest: utterances that are left.
    ///   - all: utterances in all.
    ///   - minimumSize: of a cluster.
    ///   - expected: clusters in all, where that is known.
    init(rest: Int, of all: Int, minimumSize: Int, expected: Int?) {
        let most = Double(rest / max(1, minimumSize))
        let wanted: [Double]
        if let expected {
            let share = Double(expected) * Double(rest) / Double(max(1, all))
            wanted = [0.5, 0.7, 0.85, 1, 1.2, 1.5, 2].map { $0 * share }
        } else {
            // From a quarter of the greatest cluster's possible size down to twice the least, in equal steps of ratio.
            let (first, last) = (4.0, max(4.0, most / 2))
            wanted = (0..<Self.tries).map { step in
                first * pow(last / first, Double(step) / Double(Self.tries - 1))
            }
        }
        var counts: [Int] = []
        for count in wanted.map({ Int(min(max($0.rounded(), 2), most)) }).sorted() where count >= 2 {
            if counts.last != count { counts.append(count) }
        }
        self.counts = counts
    }
}
