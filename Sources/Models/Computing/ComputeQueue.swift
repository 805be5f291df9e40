package import Core
internal import Synchronization

/// The threads that encode, search and score, and the one queue that all of them take from.
///
/// Each thread owns one encoder context and one scorer context, where there is an encoder and a scorer, and does one thing
/// at a time; `ComputeSchedule` says which. Idle until `start()`. Any task may ask, and has its answer whatever happens:
/// done, refused, failed, cancelled, too late, or shut down. What it asks to be run goes on a compute thread: it must be
/// short, for it holds up the thread, and must not wait for the queue.
///
/// Does not measure the machine: it learns from the work how long things take.
package final class ComputeQueue: Sendable {
    struct State: Sendable {
        var schedule: ComputeSchedule
        var phase = Phase.starting
        /// What was admitted and of whose end nobody has been told.
        var jobs: [ComputeSchedule.JobID: PendingJob] = [:]
        /// Of which each thread has a context ready.
        var encoders: [ModelID: any TextEncoding]
        /// How often that has changed.
        var encodersChanged = 0
        /// A thread is making contexts of encoders that are new; the others work meanwhile.
        var isThreadFollowing = false
        var threadsReady = 0
        var threadsEnded = 0
        var failure: SwitchboardError?
        var whenReady: CheckedContinuation<Void, Never>?
        var whenEnded: [CheckedContinuation<Void, Never>] = []
    }

    enum Phase: Sendable {
        /// Next: open, closing.
        case starting
        /// Next: closing.
        case open
        /// Refuses what arrives; a thread that finds nothing more to do ends.
        case closing
    }

    /// The threads of a started queue, or that it has none any more.
    private enum Life: Sendable {
        case new
        case started([DedicatedThread])
        case ended
    }

    package let encoder: (any TextEncoding)?
    package let scorer: (any CandidateScoring)?
    package let threadCount: Int
    let shared: SignalledMutex<State>
    /// A bit for each priority that a thread in the language model should let in; read between llama.cpp's operations.
    let pressing = Atomic<UInt8>(0)
    /// Set when running language model work is to stop.
    let stopsRunning = Atomic(false)
    private let nextID = Atomic<ComputeSchedule.JobID>(1)
    private let life = Mutex(Life.new)

    /// - Parameters:
    ///   - encoder: nil: vectors come from elsewhere, and this queue searches alone.
    ///   - limits: with the number of threads; a node takes its cores.
    package init(encoder: (any TextEncoding)?, scorer: (any CandidateScoring)?, limits: ComputeSchedule.Limits) {
        self.encoder = encoder
        self.scorer = scorer
        threadCount = limits.threads
        shared = SignalledMutex(
            State(schedule: ComputeSchedule(limits: limits), encoders: encoder.map { [$0.id: $0] } ?? [:])
        )
    }

    /// Starts the threads and returns when each has its contexts and has used them once, so that the first request is
    /// not slow. May be called once.
    ///
    /// - Throws: what making or using a context threw; then nothing runs.
    package func start() async throws(SwitchboardError) {
        life.withLock { life in
            guard case .new = life else { preconditionFailure("a compute queue is started once") }
            life = .started(
                (0..<threadCount).map { thread in
                    // llama.cpp and the search keep little on the stack, but work may nest: the language model, and in it
                    // a search.
                    DedicatedThread(name: "compute-\(thread)", stackBytes: 4 << 20) { self.run(thread) }
                }
            )
        }
        await withCheckedContinuation { continuation in
            let isReady = shared.withLock { state in
                if state.threadsReady == threadCount { return true }
                state.whenReady = continuation
                return false
            }
            if isReady { continuation.resume() }
        }
        if let failure = shared.withLock({ $0.failure }) {
            await shutDown()
            throw failure
        }
    }

    /// Has one thread after the other make contexts of these encoders, when it has finished what it is at, and let go of
    /// all others. What is asked of another encoder all the same is encoded with a context that is made for it.
    package func keepReady(_ encoders: [any TextEncoding]) {
        let wanted = Dictionary(encoders.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        locked { state in
            guard wanted.count != state.encoders.count || !wanted.keys.allSatisfy({ state.encoders[$0] != nil }) else {
                return
            }
            state.encoders = wanted
            state.encodersChanged += 1
            shared.broadcast()
        }
    }

    /// How a queue ends.
    package enum Ending: Sendable {
        /// What waits is still done.
        case finishing
        /// What waits is dropped and a running score stopped, with `.unavailable`.
        case dropping
    }

    /// Refuses what arrives from now on, ends what is there as `ending` says, and returns when every thread has ended.
    /// A second call waits likewise, and may turn finishing into dropping.
    package func shutDown(_ ending: Ending = .finishing) async {
        locked { state in
            shared.broadcast()
            state.phase = .closing
            if ending == .dropping {
                state.schedule.dropAll()
                stopsRunning.store(true, ordering: .relaxed)
            }
        }
        let threads: [DedicatedThread] = life.withLock { life in
            guard case .started(let threads) = life else {
                life = .ended
                return []
            }
            return threads
        }
        guard !threads.isEmpty else { return }
        await withCheckedContinuation { continuation in
            let haveEnded = shared.withLock { state in
                if state.threadsEnded == threadCount { return true }
                state.whenEnded.append(continuation)
                return false
            }
            if haveEnded { continuation.resume() }
        }
        // They have left their loops, so this waits for a few instructions at most.
        for thread in threads { thread.join() }
    }

    /// What was done so far and what waits.
    package var statistics: ComputeStatistics {
        shared.withLock { $0.schedule.statistics }
    }

    static let closed = SwitchboardError(.unavailable, "the node is shutting down")

    /// A name for work that is about to be submitted.
    func makeTicket() -> ComputeTicket {
        let id = nextID.wrappingAdd(1, ordering: .relaxed).oldValue
        return ComputeTicket(id: id) { [weak self] id in
            self?.locked { state in _ = state.schedule.cancel(id) }
        }
    }

    /// - Throws: why the job is refused; then its completion is never called.
    func submit(_ job: ComputeJob) throws(SwitchboardError) {
        try locked { state throws(SwitchboardError) in
            switch state.phase {
            case .starting: throw SwitchboardError(.unavailable, "the compute threads have not been started")
            case .closing: throw Self.closed
            case .open: break
            }
            // Cancelled before it arrived: cancelling found nothing to drop.
            guard !job.ticket.isCancelled else {
                throw SwitchboardError(.cancelled, "the work was cancelled")
            }
            try state.schedule.admit(job.description, at: job.arrived)
            state.jobs[job.ticket.id] = PendingJob(job: job)
        }
    }

    /// Changes the state, and tells the threads what the change means for them.
    func locked<Result, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Result,
    ) throws(Failure) -> Result {
        try shared.withLock { state throws(Failure) in
            defer { signal(state) }
            return try body(&state)
        }
    }

    /// Called with the lock held.
    func signal(_ state: borrowing State) {
        var bits: UInt8 = 0
        for (bit, priority) in Priority.allCases.enumerated() where state.schedule.isPressing(on: priority) {
            bits |= 1 << UInt8(bit)
        }
        pressing.store(bits, ordering: .relaxed)
        if state.schedule.wantsAnotherThread {
            shared.signal()
        }
    }
}
