internal import CZeroMQ
internal import Core
internal import Glibc
internal import Synchronization

/// Receives word, on the loop's thread, that one of its sockets may have messages.
package protocol SocketOwner: AnyObject, Sendable {
    /// Reads a bounded number of messages.
    ///
    /// - Returns: whether more may wait, so that the loop comes back before it sleeps.
    func socketIsReadable(_ id: PollLoop.SocketID) -> Bool

    /// The socket takes messages again, after `PollLoop.watch(_:writable:)` asked to be told.
    func socketIsWritable(_ id: PollLoop.SocketID)
}

/// One thread that owns sockets and runs the actors that own them: sleeps in `zmq_poll`, wakes for messages, for jobs of
/// its actors and for timers.
///
/// It is those actors' serial executor, so their code and their sockets are on one thread and no lock is needed. What
/// blocks or computes for long must not run here. Starts with `init`, ends with `stop()`, which waits for the thread;
/// stop it after the last actor on it has finished. Sockets, timers and `watch` are for its own thread only.
package final class PollLoop: SerialExecutor {
    package struct SocketID: Hashable, Sendable {
        let number: Int
    }

    package struct TimerID: Hashable, Sendable {
        let number: UInt64
    }

    /// What the thread is to do: a part of an actor's work, or an action without one.
    private enum Job {
        case task(UnownedJob)
        case action(@Sendable () -> Void)
    }

    private struct Shared {
        var jobs: [Job] = []
        var isSleeping = false
        var isStopping = false
        /// The thread takes no more jobs.
        var hasEnded = false
    }

    private let shared = Mutex(Shared())
    private let wakeDescriptor: Int32
    // Touched by the loop's own thread only, after `init` has set the thread going.
    nonisolated(unsafe) private let state = State()
    private let thread = Mutex<DedicatedThread?>(nil)
    private let threadNumber = Atomic<UInt64>(0)

    package init(name: String = "switchboard-io") {
        wakeDescriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        precondition(wakeDescriptor >= 0, "the system gives no event descriptor")
        thread.withLock { $0 = DedicatedThread(name: name) { [self] in run() } }
    }

    /// Runs what is queued, then ends the thread and waits for it. Not to be called on the loop's own thread.
    package func stop() {
        precondition(!isCurrent, "a loop cannot wait for itself")
        shared.withLock { $0.isStopping = true }
        wake()
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
        close(wakeDescriptor)
    }

    /// Whether the caller is on this loop's thread.
    package var isCurrent: Bool { threadNumber.load(ordering: .relaxed) == UInt64(pthread_self()) }

    // MARK: Executor

    package func enqueue(_ job: consuming ExecutorJob) {
        enqueue(.task(UnownedJob(job)))
    }

    private func enqueue(_ job: Job) {
        let (mustWake, isLate) = shared.withLock { shared in
            shared.jobs.append(job)
            defer { (shared.isSleeping, shared.hasEnded) = (false, false) }
            return (shared.isSleeping, shared.hasEnded)
        }
        if mustWake { wake() }
        if isLate { runLateJobs() }
    }

    /// A task that was cancelled with the rest may come back after the loop's end. It gets a thread for a moment, since one
    /// that never went on would keep all that it holds.
    private func runLateJobs() {
        let thread = DedicatedThread(name: "switchboard-late") { [self] in
            threadNumber.store(UInt64(pthread_self()), ordering: .relaxed)
            repeat {
                _ = runJobs()
                forgetTimers()
            } while !endsWithoutJobs()
        }
        thread.detach()
    }

    private func endsWithoutJobs() -> Bool {
        shared.withLock { shared in
            shared.hasEnded = shared.jobs.isEmpty
            return shared.hasEnded
        }
    }

    /// Runs an action on the loop's thread, after what is queued.
    package func run(_ action: @escaping @Sendable () -> Void) {
        enqueue(.action(action))
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    package func checkIsolated() {
        precondition(isCurrent, "this must run on its poll loop")
    }

    package func isIsolatingCurrentContext() -> Bool? { isCurrent }

    // MARK: Sockets and timers, on the loop's thread

    package func add(_ socket: Socket, owner: any SocketOwner) -> SocketID {
        checkIsolated()
        return state.add(socket, owner: owner)
    }

    package func remove(_ id: SocketID) {
        checkIsolated()
        state.sockets[id] = nil
        state.hasChanged = true
    }

    /// Asks to be told, or no longer, when the socket takes messages again.
    package func watch(_ id: SocketID, writable: Bool) {
        checkIsolated()
        guard state.sockets[id]?.wantsWritable != writable else { return }
        state.sockets[id]?.wantsWritable = writable
        state.hasChanged = true
    }

    /// Runs `action` on this thread once `instant` has come.
    @discardableResult
    package func schedule(at instant: ContinuousClock.Instant, _ action: @escaping @Sendable () -> Void) -> TimerID {
        checkIsolated()
        return state.timers.add(at: instant, action)
    }

    package func cancel(_ timer: TimerID) {
        checkIsolated()
        state.timers.remove(timer)
    }

    /// Runs the timers that are due. For owners too, between messages that take their time: what is timed, such as a
    /// call's deadline, must not wait for all of them.
    package func runDueTimers() {
        checkIsolated()
        let now = ContinuousClock.now
        while let action = state.timers.takeDue(now: now) { action() }
    }

    // MARK: The thread

    private func run() {
        threadNumber.store(UInt64(pthread_self()), ordering: .relaxed)
        var mayHaveMore = true
        while true {
            let ranJobs = runJobs()
            runDueTimers()
            if shared.withLock({ $0.isStopping }), endsWithoutJobs() { break }
            let timeout = mayHaveMore || ranJobs ? 0 : state.timers.millisecondsToNext(now: .now)
            mayHaveMore = poll(timeout: timeout)
        }
        forgetTimers()
    }

    /// What is still timed holds actors, which hold this loop.
    private func forgetTimers() {
        state.timers = Timers()
    }

    private func runJobs() -> Bool {
        let jobs = shared.withLock { shared in
            let jobs = shared.jobs
            shared.jobs.removeAll(keepingCapacity: false)
            return jobs
        }
        for job in jobs {
            switch job {
            // As a serial executor alone, like the tasks' own preference: then a task that calls from one actor of this
            // loop to another goes on at once, and does not stand in the line again.
            case .task(let job): job.runSynchronously(on: asUnownedSerialExecutor())
            case .action(let action): action()
            }
            // Between jobs too, as many may wait.
            runDueTimers()
        }
        return !jobs.isEmpty
    }

    /// Waits for messages and lets owners read them; true where one of them may have more.
    private func poll(timeout: Int) -> Bool {
        state.rebuildItems(wakeDescriptor: wakeDescriptor)
        var timeout = timeout
        if timeout != 0 {
            // From here on whoever enqueues a job must wake the thread; one that came before is not slept over.
            shared.withLock { shared in
                if shared.jobs.isEmpty && !shared.isStopping {
                    shared.isSleeping = true
                } else {
                    timeout = 0
                }
            }
        }
        let ready = zmq_poll(&state.items, Int32(state.items.count), timeout)
        shared.withLock { $0.isSleeping = false }
        guard ready > 0 else { return false }
        if state.items[0].revents != 0 {
            var count: UInt64 = 0
            _ = read(wakeDescriptor, &count, 8)
        }
        var mayHaveMore = false
        // Owners may add and remove sockets, so the items are read from a copy of what is needed.
        let due = zip(state.order, state.items.dropFirst()).filter { $1.revents != 0 }.map { ($0, $1.revents) }
        for (id, events) in due {
            guard let entry = state.sockets[id] else { continue }
            if events & Int16(ZMQ_POLLOUT) != 0 { entry.owner.socketIsWritable(id) }
            if events & Int16(ZMQ_POLLIN) != 0, entry.owner.socketIsReadable(id) { mayHaveMore = true }
        }
        return mayHaveMore
    }

    private func wake() {
        var one: UInt64 = 1
        _ = write(wakeDescriptor, &one, 8)
    }

    /// What only the loop's thread touches.
    private final class State {
        struct Entry {
            let socket: Socket
            let owner: any SocketOwner
            var wantsWritable = false
        }

        var sockets: [SocketID: Entry] = [:]
        var order: [SocketID] = []
        var items: [zmq_pollitem_t] = []
        var hasChanged = true
        var timers = Timers()
        private var lastNumber = 0

        func add(_ socket: Socket, owner: any SocketOwner) -> SocketID {
            lastNumber += 1
            let id = SocketID(number: lastNumber)
            sockets[id] = Entry(socket: socket, owner: owner)
            hasChanged = true
            return id
        }

        func rebuildItems(wakeDescriptor: Int32) {
            guard hasChanged else { return }
            hasChanged = false
            order = sockets.keys.sorted { $0.number < $1.number }
            items = [zmq_pollitem_t(socket: nil, fd: wakeDescriptor, events: Int16(ZMQ_POLLIN), revents: 0)]
            for id in order {
                guard let entry = sockets[id] else { continue }
                let events = ZMQ_POLLIN | (entry.wantsWritable ? ZMQ_POLLOUT : 0)
                items.append(zmq_pollitem_t(socket: entry.socket.raw, fd: 0, events: Int16(events), revents: 0))
            }
        }
    }
}
