package import Core

extension ComputeSchedule {
    /// What a free thread does now; nil: it waits, and is idle until it asks again.
    ///
    /// After every step but `.drop` the thread calls `finish`.
    package mutating func next(for thread: Int, at now: ContinuousClock.Instant) -> Step? {
        precondition(threads[thread].language == nil && threads[thread].short == nil, "the thread is not free")
        guard let choice = choose(at: now) else {
            threads[thread].isIdle = true
            return nil
        }
        threads[thread].isIdle = false
        begin(choice, on: thread, at: now)
        return choice.step
    }

    /// A thread has something of its own to do, which is not planned here; it is free again when it asks what to do.
    package mutating func leave(_ thread: Int) {
        threads[thread].isIdle = false
    }

    /// What a thread in the middle of the language model does for others now; nil: it goes on.
    ///
    /// After every step but `.drop` the thread calls `finish`.
    package mutating func nextBetweenPieces(for thread: Int, at now: ContinuousClock.Instant) -> Step? {
        guard let own = threads[thread].language, threads[thread].short == nil else {
            preconditionFailure("the thread is not in the middle of the language model")
        }
        guard isPressing(on: own.priority) else { return nil }
        var choice = takeFollowUp()
        for priority in Priority.allCases where choice == nil && priority <= own.priority {
            choice = takeRetrieval(of: priority, at: now)
        }
        guard let choice = choice ?? takeDropped() else { return nil }
        sums.interruptions += 1
        begin(choice, on: thread, at: now)
        return choice.step
    }

    /// Ends the step that the thread began last, and learns from the time it took.
    ///
    /// - Parameter isWhole: whether all of it was done: what was stopped half-way says how long it takes at least.
    package mutating func finish(_ thread: Int, at now: ContinuousClock.Instant, isWhole: Bool = true) {
        if let short = threads[thread].short {
            let seconds = Self.seconds(from: short.since, to: now)
            if isWhole { pace.observe(short.amount, took: seconds) }
            threads[thread].short = nil
            threads[thread].language?.paused += seconds
        } else if let language = threads[thread].language {
            let seconds = max(0, Self.seconds(from: language.since, to: now) - language.paused)
            if isWhole {
                pace.observe(language.amount, took: seconds)
            } else {
                pace.observe(stopped: language.amount, after: seconds)
            }
            threads[thread].language = nil
        } else {
            preconditionFailure("the thread has nothing to finish")
        }
    }

    /// An encoding has its vector, and a search wants to go on with it: before everything else.
    package mutating func followUp(_ id: JobID) {
        followUps.append(id)
    }

    /// Whether encodings or searches of at least `priority` wait and no thread is idle to take them.
    package func isPressing(on priority: Priority) -> Bool {
        guard !threads.contains(where: \.isIdle) else { return false }
        return !followUps.isEmpty
            || Priority.allCases.contains { $0 <= priority && lines[$0].retrievalJobs > 0 }
    }

    /// Whether an idle thread should be woken, because there is something that it may take.
    package var wantsAnotherThread: Bool {
        guard threads.contains(where: \.isIdle) else { return false }
        if !dropped.isEmpty || !followUps.isEmpty { return true }
        return Priority.allCases.contains { priority in
            lines[priority].retrievalJobs > 0 || (lines[priority].languageJobs > 0 && mayTakeLanguage(of: priority))
        }
    }

    /// A step with what it amounts to.
    private struct Choice {
        let step: Step
        var amount = ComputePace.Amount()
        var priority = Priority.live
    }

    private mutating func choose(at now: ContinuousClock.Instant) -> Choice? {
        if let choice = takeDropped() ?? takeFollowUp() { return choice }
        for priority in Priority.allCases {
            if let choice = takeRetrieval(of: priority, at: now) { return choice }
            if mayTakeLanguage(of: priority), let choice = takeLanguage(of: priority, at: now) { return choice }
        }
        // Looking for work may have found some that had expired.
        return takeDropped()
    }

    private mutating func takeDropped() -> Choice? {
        dropped.popFirst().map { Choice(step: .drop($0.0, $0.1)) }
    }

    private mutating func takeFollowUp() -> Choice? {
        followUps.popFirst().map { Choice(step: .followUp($0), amount: .init(retrievals: 1)) }
    }

    private func mayTakeLanguage(of priority: Priority) -> Bool {
        let running = threads.count { $0.language != nil }
        guard threads.count > 1, running >= threads.count - 1 else { return true }
        // The last thread. Nobody waits for discovery, so it stays free of that; and of all while retrieval waits.
        return priority == .live && Priority.allCases.allSatisfy { lines[$0].retrievalJobs == 0 }
    }

    /// Whoever waits with this priority: a thread's share of the callers, up to the budget, of others one, since a caller
    /// who arrives meanwhile waits for its end. Nobody is taken along for whom those before would be late.
    private mutating func takeLanguage(of priority: Priority, at now: ContinuousClock.Instant) -> Choice? {
        let free = threads.count { $0.language == nil }
        let share = priority == .live ? (lines[priority].languageJobs + free - 1) / max(free, 1) : 1
        var ids: [JobID] = []
        var amount = ComputePace.Amount()
        var earliest: ContinuousClock.Instant?
        while ids.count < max(share, 1), let entry = head(\.language, of: priority, at: now) {
            var together = amount
            together += entry.amount
            if !ids.isEmpty {
                guard together.languageTokens <= limits.languageBatchTokens else { break }
                if let earliest, now.advanced(by: .seconds(pace.seconds(for: together))) > earliest { break }
            }
            _ = remove(entry.job.id)
            recordDelay(of: entry.job, at: now)
            ids.append(entry.job.id)
            amount = together
            if let deadline = entry.job.order.deadline { earliest = min(earliest ?? deadline, deadline) }
        }
        guard !ids.isEmpty else { return nil }
        sums.batchScores.record(Double(ids.count))
        return Choice(step: .language(ids), amount: amount, priority: priority)
    }

    private mutating func takeRetrieval(of priority: Priority, at now: ContinuousClock.Instant) -> Choice? {
        let encoding = head(\.encodings, of: priority, at: now)
        let retrieval = head(\.retrievals, of: priority, at: now)
        if let encoding, encoding.job.id < retrieval?.job.id ?? .max {
            return takeEncodings(of: priority, at: now)
        }
        return retrieval.flatMap { take($0, as: .retrieve($0.job.id), at: now) }
    }

    private mutating func take(_ entry: Waiting, as step: Step, at now: ContinuousClock.Instant) -> Choice {
        _ = remove(entry.job.id)
        recordDelay(of: entry.job, at: now)
        return Choice(step: step, amount: entry.amount, priority: entry.job.order.priority)
    }

    /// Whoever waits with this priority, up to the budget.
    private mutating func takeEncodings(of priority: Priority, at now: ContinuousClock.Instant) -> Choice? {
        let budget = priority == .live ? limits.liveBatchTokens : limits.backgroundBatchTokens
        var parts: [Part] = []
        var tokens = 0
        var texts = 0
        while let entry = head(\.encodings, of: priority, at: now) {
            guard case .encoding(let guesses, _) = entry.job.kind else {
                preconditionFailure("no encoding in their line")
            }
            let start = entry.nextText
            var end = start
            var taken = 0
            while end < guesses.count, texts < limits.batchTexts, texts == 0 || tokens + guesses[end] <= budget {
                tokens += guesses[end]
                taken += guesses[end]
                texts += 1
                end += 1
            }
            guard end > start else { break }
            if start == 0 { recordDelay(of: entry.job, at: now) }
            parts.append(Part(job: entry.job.id, texts: start..<end))
            guard end < guesses.count else {
                _ = remove(entry.job.id)
                continue
            }
            waiting[entry.job.id]?.nextText = end
            lines[priority].took(tokens: taken)
            break
        }
        guard !parts.isEmpty else { return nil }
        sums.batchTexts.record(Double(texts))
        return Choice(step: .encode(parts), amount: .init(encodingTokens: tokens), priority: priority)
    }

    /// The first of a line that still waits and has not expired.
    private mutating func head(
        _ line: WritableKeyPath<Line, FirstInFirstOut<JobID>>,
        of priority: Priority,
        at now: ContinuousClock.Instant,
    ) -> Waiting? {
        while let id = lines[priority][keyPath: line].first {
            if let entry = waiting[id] {
                if !entry.job.isExpired(at: now) { return entry }
                expire(id)
            }
            lines[priority][keyPath: line].dropFirst()
        }
        return nil
    }

    private mutating func begin(_ choice: Choice, on thread: Int, at now: ContinuousClock.Instant) {
        let running = Running(amount: choice.amount, priority: choice.priority, since: now)
        switch choice.step {
        case .drop: break
        case .encode, .followUp, .retrieve: threads[thread].short = running
        case .language: threads[thread].language = running
        }
    }

    private mutating func recordDelay(of job: Job, at now: ContinuousClock.Instant) {
        sums.counts[job.order.priority].delay.record(Self.seconds(from: job.arrived, to: now))
    }
}
