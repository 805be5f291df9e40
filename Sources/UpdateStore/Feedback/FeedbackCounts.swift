/// How much feedback there is.
package struct FeedbackCounts: Sendable, Hashable {
    /// Of all sources, the latest word of each on each reply.
    package var total: Int
    package var callers: Int
    package var confirmedByCallers: Int

    package init(total: Int = 0, callers: Int = 0, confirmedByCallers: Int = 0) {
        self.total = total
        self.callers = callers
        self.confirmedByCallers = confirmedByCallers
    }

    /// Confirmed over all feedback of callers; nil: no caller has said anything.
    package var positiveResponseRate: Double? {
        callers == 0 ? nil : Double(confirmedByCallers) / Double(callers)
    }
}
