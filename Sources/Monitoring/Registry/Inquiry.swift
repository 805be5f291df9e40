/// Asks a closure that may never answer, and stops waiting after a limit.
///
/// At most one asking is under way: who comes meanwhile gets its answer too. So a closure that is stuck, such as one that
/// asks an actor whose thread hangs, costs one task, however often somebody asks. The closure runs on Swift's pool.
package actor Inquiry<Answer: Sendable> {
    private let limit: Duration
    private let clock: any Clock<Duration>
    private let ask: @concurrent @Sendable () async -> Answer
    private var isAsking = false
    private var waiting: [UInt64: CheckedContinuation<Answer?, Never>] = [:]
    private var lastWaiter: UInt64 = 0

    package init(
        limit: Duration,
        clock: any Clock<Duration> = ContinuousClock(),
        ask: @escaping @concurrent @Sendable () async -> Answer,
    ) {
        self.limit = limit
        self.clock = clock
        self.ask = ask
    }

    /// How many wait for an answer now.
    package var waiters: Int { waiting.count }

    /// Nil: no answer within the limit.
    package func answer() async -> Answer? {
        lastWaiter += 1
        let waiter = lastWaiter
        if !isAsking {
            isAsking = true
            // Not a child task: a group could not be left while a closure that heeds no cancellation is running.
            Task { deliver(await ask()) }
        }
        let limiter = Task {
            try? await clock.sleep(for: limit)
            giveUp(waiter)
        }
        defer { limiter.cancel() }
        return await withCheckedContinuation { waiting[waiter] = $0 }
    }

    private func deliver(_ answer: Answer) {
        isAsking = false
        let waiting = self.waiting
        self.waiting = [:]
        for continuation in waiting.values { continuation.resume(returning: answer) }
    }

    private func giveUp(_ waiter: UInt64) {
        waiting.removeValue(forKey: waiter)?.resume(returning: nil)
    }
}
