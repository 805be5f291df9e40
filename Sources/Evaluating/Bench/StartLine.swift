internal import Core

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
