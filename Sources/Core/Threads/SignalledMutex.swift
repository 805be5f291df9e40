internal import Glibc

/// A value behind a lock that threads of our own can wait on: `Mutex` plus waiting.
///
/// Of those that wait, the one that came last is woken first: its caches still hold what it worked with. Any thread may
/// lock; only dedicated threads wait here, never Swift's cooperative pool.
package final class SignalledMutex<Value>: @unchecked Sendable {
    // Unchecked: `value` and `waiting` are touched only while `mutex` is held. That lies at an address that never moves,
    // as pthreads demands, and is freed when nobody holds this object any more.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var value: Value
    private var waiting: [Waiter] = []

    /// One thread while it waits.
    private final class Waiter {
        let condition: UnsafeMutablePointer<pthread_cond_t>
        var isWoken = false

        init() {
            condition = .allocate(capacity: 1)
            // With default attributes this can fail for lack of memory alone.
            precondition(pthread_cond_init(condition, nil) == 0, "no condition to be had")
        }

        deinit {
            pthread_cond_destroy(condition)
            condition.deallocate()
        }

        func wake() {
            isWoken = true
            pthread_cond_signal(condition)
        }
    }

    package init(_ value: sending Value) {
        self.value = value
        mutex = .allocate(capacity: 1)
        precondition(pthread_mutex_init(mutex, nil) == 0, "no lock to be had")
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    package func withLock<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result,
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value)
    }

    /// Calls `body` under the lock, at once and after each wake-up, until it gives a result.
    package func waitUntil<Result>(_ body: (inout Value) -> Result?) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if let result = body(&value) { return result }
        let waiter = Waiter()
        while true {
            waiter.isWoken = false
            waiting.append(waiter)
            // A condition may also return for no reason; then this one is still among those that wait.
            while !waiter.isWoken { pthread_cond_wait(waiter.condition, mutex) }
            if let result = body(&value) { return result }
        }
    }

    /// Wakes one waiting thread.
    ///
    /// - Precondition: called under the lock: within `withLock` or from the body of `waitUntil`.
    package func signal() {
        waiting.popLast()?.wake()
    }

    /// Wakes all waiting threads.
    ///
    /// - Precondition: as for `signal()`.
    package func broadcast() {
        for waiter in waiting { waiter.wake() }
        waiting.removeAll()
    }
}
