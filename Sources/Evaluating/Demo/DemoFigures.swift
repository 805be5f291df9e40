internal import Core

/// What a demonstration has seen so far, for whoever draws it. A value; times in milliseconds.
package struct DemoFigures: Sendable {
    package var pairs = 0
    package var totalPairs = 0
    package var intents = 0
    package var asked = 0
    /// Right answers among the latest, 0...1; nil before the first.
    package var accuracy: Double?
    package var pairsPerSecond = 0.0
    package var latency: (p50: Double, p95: Double, p99: Double) = (0, 0, 0)
    package var seconds = 0.0

    package init() {}
}

/// The latest answers: right or wrong, and how long they took.
struct RecentAnswers {
    private static let size = 200
    private var answers: [(isRight: Bool, milliseconds: Double)] = []
    private var next = 0
    private(set) var count = 0

    mutating func add(isRight: Bool, milliseconds: Double) {
        count += 1
        if answers.count < Self.size {
            answers.append((isRight, milliseconds))
        } else {
            answers[next] = (isRight, milliseconds)
            next = (next + 1) % Self.size
        }
    }

    var accuracy: Double? {
        answers.isEmpty ? nil : Double(answers.count { $0.isRight }) / Double(answers.count)
    }

    var latency: (p50: Double, p95: Double, p99: Double) {
        guard let ranks = Measure.percentiles([0.5, 0.95, 0.99], of: answers.map(\.milliseconds)) else {
            return (0, 0, 0)
        }
        return (ranks[0], ranks[1], ranks[2])
    }
}
