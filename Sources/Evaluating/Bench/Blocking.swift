internal import Core

/// Runs what blocks or computes for long on a thread of its own, away from Swift's pool, and waits for it.
func onThread<Product: Sendable>(
    named name: String,
    _ body: @escaping @Sendable () throws -> Product,
) async throws -> Product {
    var thread: DedicatedThread?
    let result: Result<Product, any Error> = await withCheckedContinuation { continuation in
        thread = DedicatedThread(name: name, stackBytes: 8 << 20) {
            continuation.resume(returning: Result { try body() })
        }
    }
    // It has nothing left to do but to end.
    thread?.join()
    return try result.get()
}

/// Where threads wait for each other, so that they start together.
final class StartLine: Sendable {
    private let missing: SignalledMutex<Int>

    init(threads: Int) {
        missing = SignalledMutex(threads)
    }

    /// Returns once every thread has come.
    func wait() {
        missing.withLock {
            $0 -= 1
            missing.broadcast()
        }
        missing.waitUntil { $0 <= 0 ? () : nil }
    }
}
