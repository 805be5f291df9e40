package import Core

/// Decides what each compute thread does next: a value without threads, clocks or models.
///
/// Order: live before updates before discovery; within a priority encodings and searches before the language model,
/// otherwise as they came. Whoever waits is encoded together, and callers' questions to the language model are asked
/// together, each up to a budget of tokens; nobody waits for company.
/// A thread in the language model serves, between pieces, encodings and searches of at least its own priority when no
/// other thread is idle. With several threads one takes no language model work while encodings or searches wait, and
/// one takes none that nobody is waiting for (updates, discovery).
///
/// Bounded by count and bytes, of which updates may fill three quarters and discovery half, so that neither keeps a
/// caller out; and by time: what would wait longer than its deadline allows is refused at arrival.
package struct ComputeSchedule: Sendable {
    package struct Limits: Sendable, Hashable {
        package var threads: Int
        package var jobs: Int
        package var bytes: Int
        /// Tokens of one call of the encoder, as guessed from the texts' bytes; a longer text goes alone.
        package var liveBatchTokens: Int
        /// The same for updates and discovery: less, because a live text that arrives meanwhile waits for its end.
        package var backgroundBatchTokens: Int
        package var batchTexts: Int
        /// Tokens, as guessed from the texts' bytes, of what the language model is asked by callers in one go; a longer
        /// question goes alone. With 1 every question goes alone.
        package var languageBatchTokens: Int

        package init(
            threads: Int,
            jobs: Int = 1_024,
            bytes: Int = 64 << 20,
            liveBatchTokens: Int = 256,
            backgroundBatchTokens: Int = 96,
            batchTexts: Int = 64,
            languageBatchTokens: Int = 512,
        ) {
            precondition(threads > 0 && jobs > 0 && bytes > 0 && batchTexts > 0, "limits are positive")
            self.threads = threads
            self.jobs = jobs
            self.bytes = bytes
            self.liveBatchTokens = liveBatchTokens
            self.backgroundBatchTokens = backgroundBatchTokens
            self.batchTexts = batchTexts
            self.languageBatchTokens = languageBatchTokens
        }
    }

    /// What a thread does: at most one batch for the language model, and inside or without it one short piece of work.
    struct ThreadState {
        var isIdle = false
        var language: Running?
        var short: Running?
    }

    struct Running {
        let amount: ComputePace.Amount
        let priority: Priority
        let since: ContinuousClock.Instant
        /// Seconds spent on others in between.
        var paused = 0.0
    }

    package let limits: Limits
    var waiting: [JobID: Waiting] = [:]
    var waitingBytes = 0
    var lines = PerPriority(repeating: Line())
    var followUps = FirstInFirstOut<JobID>()
    var dropped = FirstInFirstOut<(JobID, DropReason)>()
    var threads: [ThreadState]
    var pace = ComputePace()
    /// The sums; `statistics` adds how things stand.
    var sums = ComputeStatistics()

    package init(limits: Limits) {
        self.limits = limits
        threads = Array(repeating: ThreadState(), count: limits.threads)
    }

    /// Takes a job in.
    ///
    /// - Throws: `.deadlineExceeded` when its deadline has passed, `.resourceExhausted` with `retryAfter` when the queue is
    ///   full or it would wait too long.
    package mutating func admit(_ job: Job, at now: ContinuousClock.Instant) throws(SwitchboardError) {
        let priority = job.order.priority
        guard !job.isExpired(at: now) else {
            sums.counts[priority].expired += 1
            throw SwitchboardError(.deadlineExceeded, "the deadline had passed when the work arrived")
        }
        if !hasRoom(for: job) {
            dropExpired(at: now)
        }
        let wait = predictedWait(of: job, at: now)
        guard hasRoom(for: job) else {
            sums.counts[priority].refusedFull += 1
            throw SwitchboardError(
                .resourceExhausted,
                "the compute queue is full (\(waiting.count) jobs, \(waitingBytes) bytes)",
                retryAfter: .seconds(max(wait, 0.01))
            )
        }
        if let deadline = job.order.deadline, now.advanced(by: .seconds(wait)) > deadline {
            sums.counts[priority].refusedLate += 1
            throw SwitchboardError(
                .resourceExhausted,
                "the work would wait \(Int(wait * 1_000)) ms, longer than its deadline allows",
                retryAfter: .seconds(wait)
            )
        }
        sums.counts[priority].admitted += 1
        waiting[job.id] = Waiting(job: job)
        waitingBytes += job.bytes
        lines[priority].append(job)
    }

    /// Takes a job out that nobody wants any more; the next free thread gets it as `.drop`.
    ///
    /// - Returns: false when nothing of it waits: it runs, or has ended.
    @discardableResult
    package mutating func cancel(_ id: JobID) -> Bool {
        guard let entry = remove(id) else { return false }
        sums.counts[entry.job.order.priority].cancelled += 1
        dropped.append((id, .cancelled))
        sweepLines()
        return true
    }

    /// Takes out what is left of a job of which a part has failed.
    package mutating func abandon(_ id: JobID) {
        _ = remove(id)
        sweepLines()
    }

    /// What waits will not be done: all of it becomes `.drop`.
    package mutating func dropAll() {
        for id in waiting.keys.sorted() {
            _ = remove(id)
            dropped.append((id, .closed))
        }
        sweepLines()
    }

    /// Whether nothing waits. What runs may still have follow-ups, which its own thread takes.
    package var isEmpty: Bool {
        waiting.isEmpty && followUps.isEmpty && dropped.isEmpty
    }

    /// How things stand.
    package var statistics: ComputeStatistics {
        var statistics = sums
        for entry in waiting.values { statistics.counts[entry.job.order.priority].waiting += 1 }
        statistics.waitingBytes = waitingBytes
        for thread in threads {
            if thread.isIdle {
                statistics.idleThreads += 1
            } else if thread.short != nil {
                statistics.retrievalThreads += 1
            } else if thread.language != nil {
                statistics.languageThreads += 1
            }
        }
        return statistics
    }
}

extension ComputeSchedule {
    /// Takes a job out of everything but the line's order.
    mutating func remove(_ id: JobID) -> Waiting? {
        guard let entry = waiting.removeValue(forKey: id) else { return nil }
        lines[entry.job.order.priority].leave(entry)
        waitingBytes -= entry.job.bytes
        return entry
    }

    private func hasRoom(for job: Job) -> Bool {
        let share = job.order.priority.share
        return Double(waiting.count) < Double(limits.jobs) * share
            && Double(waitingBytes + job.bytes) <= Double(limits.bytes) * share
    }

    private mutating func dropExpired(at now: ContinuousClock.Instant) {
        for id in waiting.filter({ $0.value.job.isExpired(at: now) }).keys.sorted() {
            expire(id)
        }
        sweepLines()
    }

    mutating func expire(_ id: JobID) {
        guard let entry = remove(id) else { return }
        sums.counts[entry.job.order.priority].expired += 1
        dropped.append((id, .expired))
    }

    /// Ids that wait no more must not pile up while every thread is busy.
    private mutating func sweepLines() {
        for priority in Priority.allCases {
            lines[priority].sweep(keeping: waiting)
        }
    }
}
