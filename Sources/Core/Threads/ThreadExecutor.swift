internal import Synchronization

/// A serial executor that is one thread of its own, for an actor whose work blocks or computes.
///
/// The actor holds it strongly; `stop()` comes after the actor's last job.
package final class ThreadExecutor: SerialExecutor {
    private struct Shared {
        var jobs: [UnownedJob] = []
        var isStopping = false
        /// The thread takes no more jobs.
        var hasEnded = false
    }

    private let shared = SignalledMutex(Shared())
    private let thread = Mutex<DedicatedThread?>(nil)

    package init(name: String, niceness: Int32 = 0) {
        thread.withLock { $0 = DedicatedThread(name: name, niceness: niceness) { [self] in run() } }
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let unowned = UnownedJob(job)
        let isLate = shared.withLock { state in
            state.jobs.append(unowned)
            shared.signal()
            defer { state.hasEnded = false }
            return state.hasEnded
        }
        // A task that was cancelled with the rest may come back after the end. It gets a thread for a moment, since one
        // that never went on would keep all that it holds.
        if isLate { DedicatedThread(name: "late") { [self] in run() }.detach() }
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    /// Runs what is queued, then ends the thread and waits for it.
    package func stop() {
        shared.withLock {
            $0.isStopping = true
            shared.signal()
        }
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
    }

    private func run() {
        while true {
            let jobs = shared.waitUntil { shared -> [UnownedJob]? in
                guard !shared.jobs.isEmpty || shared.isStopping else { return nil }
                shared.hasEnded = shared.jobs.isEmpty
                defer { shared.jobs.removeAll(keepingCapacity: false) }
                return shared.jobs
            }
            // Empty only when stopping: what came before has run.
            if jobs.isEmpty { return }
            for job in jobs { job.runSynchronously(on: asUnownedSerialExecutor()) }
        }
    }
}
