internal import Glibc

/// A value behind a lock, with a condition to wait for: `Mutex` plus waiting, which threads of our own need.
///
/// Any thread may call it. Never take another lock inside.
final class Monitor<Value: ~Copyable>: @unchecked Sendable {
    // @unchecked: `value` is touched with `mutex` held only. The three lie at addresses that never move, as pthreads
    // demands, and are freed when nobody holds the monitor any more.
    private let value: UnsafeMutablePointer<Value>
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>

    init(_ initial: consuming Value) {
        value = .allocate(capacity: 1)
        value.initialize(to: initial)
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        condition = .allocate(capacity: 1)
        condition.initialize(to: pthread_cond_t())
        // With default attributes these can fail for lack of memory alone.
        precondition(pthread_mutex_init(mutex, nil) == 0 && pthread_cond_init(condition, nil) == 0, "no lock to be had")
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
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
        while true {
            if let result = body(&value.pointee) { return result }
            pthread_cond_wait(condition, mutex)
        }
    }

    func wakeOne() {
        pthread_cond_signal(condition)
    }

    func wakeAll() {
        pthread_cond_broadcast(condition)
    }
}
