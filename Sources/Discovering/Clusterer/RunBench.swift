package import Core

/// The thread that discovery computes on: away from Swift's pool and from the loops, at a priority of the system's below
/// everything that callers wait for. Threads that are made from it have the same.
package actor RunBench {
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    private let executor: ThreadExecutor

    /// How nice: of two threads that want one core, a live one gets some 30 times as much (sched(7): 1.25 a step).
    package static let niceness: Int32 = 15

    package init(executor: ThreadExecutor) {
        self.executor = executor
    }

    /// Runs something on the thread; what it awaits elsewhere keeps the thread free for others meanwhile.
    package func work<Product: Sendable>(_ body: @Sendable () async throws -> Product) async throws -> Product {
        try await body()
    }
}
