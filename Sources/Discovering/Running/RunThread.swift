internal import Core

/// The thread that a run thinks on, below everything that callers wait for.
///
/// What is called from `perform` and is isolated to nothing runs on this thread too, so that judging, merging and
/// comparing stay off Swift's own pool, where live calls are served.
actor RunThread {
    private nonisolated let executor = ThreadExecutor(name: "sb-discover", niceness: Computation.niceness)

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    func perform<Product: Sendable>(_ body: @Sendable () async throws -> Product) async throws -> Product {
        try await body()
    }

    /// After the last `perform` has returned; not from this thread.
    nonisolated func stop() { executor.stop() }
}
