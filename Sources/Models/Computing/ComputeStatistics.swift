/// What a compute queue has done since its start, and what waits in it now.
package struct ComputeStatistics: Sendable {
    /// Sums over work of one priority.
    package struct Counts: Sendable, Hashable {
        package var admitted = 0
        /// Refused at arrival: the queue was full.
        package var refusedFull = 0
        /// Refused at arrival: it would have waited past its deadline.
        package var refusedLate = 0
        /// Dropped before it cost anything.
        package var expired = 0
        package var cancelled = 0
        package var waiting = 0
        /// Time from arrival to being taken by a thread.
        package var delay = Spread(bounds: Spread.delayBounds)

        package init() {}
    }

    /// How a figure is spread: how many fell at or below each bound, their number and sum.
    package struct Spread: Sendable, Hashable {
        /// Seconds.
        package static let delayBounds: [Double] = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2]
        /// Texts, or questions.
        package static let batchBounds: [Double] = [1, 2, 4, 8, 16, 32, 64]

        package let bounds: [Double]
        /// One for each bound, not cumulated, and one for what lies above the last.
        package private(set) var counts: [Int]
        package private(set) var count = 0
        package private(set) var sum = 0.0

        package init(bounds: [Double]) {
            self.bounds = bounds
            counts = Array(repeating: 0, count: bounds.count + 1)
        }

        package mutating func record(_ value: Double) {
            counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
            count += 1
            sum += value
        }
    }

    package var counts = PerPriority(repeating: Counts())
    /// Texts in each call of the encoder.
    package var batchTexts = Spread(bounds: Spread.batchBounds)
    /// Questions that the language model was asked in one go.
    package var batchScores = Spread(bounds: Spread.batchBounds)
    package var waitingBytes = 0
    /// Threads that do nothing now, that encode or search, that run the language model.
    package var idleThreads = 0
    package var retrievalThreads = 0
    package var languageThreads = 0
    /// Times that a thread served others in the middle of the language model's work.
    package var interruptions = 0

    package init() {}
}
