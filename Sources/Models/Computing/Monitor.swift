internal import Glibc

/// A value behind a lock, with a condition to wait for: `Mutex` plus waiting, which threads of our own need.
///
/// Of those that wait, the one that came last is woken first: its caches still hold what it worked with. Any thread may
/// call it. Never take another lock inside.
final class Monitor<Value: ~Copyable>: @unchecked Sendable {
    // @unchecked: `value` and `waiting` are touched with `mutex` held only. Both lie at addresses that never move, as
    // pthreads demands, and are freed when nobody holds the monitor any more.
    private let value: UnsafeMutablePointer<Value>
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var waiting: [Waiter] = []

    /// One thread while it waits.
    private final class Waiter {
        let condition: UnsafeMutablePointer<pthread_cond_t>
        var isWoken = false

        init() {
            condition = .allocate(capacity: 1)
            condition.initialize(to: pthread_cond_t())
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

    init(_ initial: consuming Value) {
        value = .allocate(capacity: 1)
        value.initialize(to: initial)
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        precondition(pthread_mutex_init(mutex, nil) == 0, "no lock to be had")
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
        value.deinitialize(count: 1)
        value.deallocate()
    }

    func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result,
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value.pointee)
    }

    /// Calls `body`, with the lock held, at once and after each wake-up, until it gives something.
    func wait<Result>(until body: (inout Value) -> Result?) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if let result = body(&value.pointee) { return result }
        let waiter = Waiter()
        while true {
            waiter.isWoken = false
            waiting.append(waiter)
            // A condition may also return for no reason; then this one is still among those that wait.
            while !waiter.isWoken { pthread_cond_wait(waiter.condition, mutex) }
            if let result = body(&value.pointee) { return result }
        }
    }

    /// - Precondition: called within `withLock` or from the body of `wait`.
    func wakeOne() {
        waiting.popLast()?.wake()
    }

    /// Not to be called within either of them.
    func wakeAll() {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        for waiter in waiting { waiter.wake() }
        waiting.removeAll()
    }
}
