package import Core
package import Logging
package import UpdateStore
package import Wire

/// Discovers intents in the pool of what nobody could explain, and keeps what it proposes until a person has decided.
///
/// One run at a time, the others wait in a short line. Runs compute on threads of their own; this actor's executor is another
/// thread, for the files of runs: none is Swift's pool or a poll loop. A run that was under way or
/// waited when the process ended goes on at the next start, from its last stage. What was decided is in the book before it
/// is answered. It makes no vectors and asks no model itself: the run's body and the engines do.
package actor Clusterer {
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    package struct Bounds: Sendable {
        /// Runs that wait while one is under way.
        package var waitingRuns = 8
        /// Runs over the live pool that have finished and are kept, with what they propose; and as many that ended
        /// otherwise, of all pools.
        package var keptRuns = 20
        /// Runs over a file's pool that have finished and are kept, and as many of all those pools that have left.
        package var keptFileRuns = 5
        /// Runs beyond these that are kept for what was accepted or rejected of them, and that alone.
        package var heldRuns = 200
        /// Runs that have ended are forgotten after it, as their pool's utterances are.
        package var retention = Duration.seconds(90 * 24 * 3_600)
        /// Streams of progress at a time.
        package var watchers = 64
        /// How often a run may take its process down, without a new stage in between, before it is given up.
        package var attempts = 3

        package init() {}
    }

    /// A run that is known: under way, waiting, or ended and kept.
    struct Run: Sendable {
        let folder: RunFolder
        var settings: RunSettings
        let board: CurrentValue<RunProgress>
        var outcome: KeptOutcome?
        /// Different ones that it looks at; 0: not known yet.
        var utterances = 0
        var timeLeft: TimeLeft?
        var isCancelled = false
        /// Something that it looks at was erased.
        var beginsAnew = false
        /// All of it but what was accepted or rejected has been forgotten.
        var isHeld = false
    }

    private let executor: ThreadExecutor
    let pool: PoolStore
    let book: ReviewStore
    let engines: any DiscoveryEngines
    let index: IndexChanges
    let intents: @Sendable (Vertical) async throws -> [String]
    private let cleaning: PoolCleaning?
    let runsPath: String
    private let canTune: Bool
    private let body: RunBody
    let limits: Bounds
    let logger: Logger
    let now: @Sendable () -> Int64

    var runs: [Bits128: Run] = [:]
    var line: RunLine
    private var working: (run: Bits128, task: Task<RunOutcome, any Error>)?
    /// What a run found is being taken into the book.
    var adopting: Task<Int, any Error>?
    /// Erasures that are under way; nothing is taken into the book meanwhile.
    var purges = 0
    /// Decisions that are in somebody's hands, by their operations; each ends when it is in nobody's.
    var deciding: [Bits128: CurrentValue<Bool>] = [:]
    var watchers = 0
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    /// - Parameters:
    ///   - runs: the folder of runs.
    ///   - executor: for files; stopped after `run` has returned.
    ///   - index: how accepted proposals get into the index.
    ///   - intents: what the intents of a vertical are called now, which no part of a split is called.
    ///   - cleaning: takes out of the live pool what the index explains by now; nil: a run looks at all of it.
    ///   - now: microseconds since 1970.
    ///   - canTune: whether `body` takes runs whose vectors are to be tuned; others are refused before they are begun.
    ///   - body: carries a run out.
    package init(
        runs: String,
        pool: PoolStore,
        book: ReviewStore,
        engines: any DiscoveryEngines,
        index: IndexChanges,
        intents: @escaping @Sendable (Vertical) async throws -> [String] = { _ in [] },
        cleaning: PoolCleaning? = nil,
        executor: ThreadExecutor,
        limits: Bounds = Bounds(),
        logger: Logger,
        now: @escaping @Sendable () -> Int64 = UpdateLog.systemTime,
        canTune: Bool = false,
        body: @escaping RunBody,
    ) {
        runsPath = runs
        self.canTune = canTune
        self.pool = pool
        self.book = book
        self.engines = engines
        self.index = index
        self.intents = intents
        self.cleaning = cleaning
        self.executor = executor
        self.limits = limits
        self.logger = logger
        self.now = now
        self.body = body
        line = RunLine(maximumWaiting: limits.waitingRuns)
        (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Carries runs out, one after the other, and finishes decisions that were begun, until its task is cancelled. `recover`
    /// comes before.
    package func run() async {
        let settling = Task { await settleUnfinished() }
        wake.yield()
        for await _ in wakes {
            while !Task.isCancelled, let id = line.next() { await work(on: id) }
            if Task.isCancelled { break }
        }
        settling.cancel()
        await settling.value
    }

    // MARK: Starting and ending

    /// - Returns: when the run will be carried out whatever becomes of the process.
    /// - Throws: `.failedPrecondition` where the pool holds nothing, or nothing of the verticals, and where vectors are to be
    ///   tuned and cannot be; `.resourceExhausted` where too many runs wait.
    package func start(_ request: DiscoveryStartRequest, author: String) async throws -> DiscoveryStartResponse {
        guard canTune || !request.settings.isTuned else { throw SwitchboardError.noTuner }
        if request.isDryRun {
            var asked = line
            try asked.enter(Bits128(0))
            return DiscoveryStartResponse(run: Bits128(0))
        }
        guard try await pool.counts(of: request.pool).total > 0 else {
            throw SwitchboardError(
                .failedPrecondition,
                request.pool.isEmpty
                    ? "the pool is empty: no utterance was left unexplained so far, or all were answered for since; "
                        + "'discover run FILE' looks through a file"
                    : "there is no pool of that name, or nothing is in it; add its utterances first"
            )
        }
        if !request.verticals.isEmpty {
            let there = try await pool.verticals(of: request.pool)
            guard !there.isDisjoint(with: request.verticals) else {
                let names = request.verticals.prefix(5).map { "'\($0)'" }.joined(separator: ", ")
                throw SwitchboardError(
                    .failedPrecondition,
                    "the pool holds nothing of the vertical\(request.verticals.count == 1 ? "" : "s") \(names)"
                        + (request.verticals.count > 5 ? " or the others that were named" : ""),
                    field: "verticals"
                )
            }
        }
        let id = Bits128.random()
        try line.enter(id)
        let folder = RunFolder(id, in: runsPath)
        bringBackFromTheFuture()
        let settings = RunSettings(request: request, author: author, startedMicroseconds: now())
        do {
            try folder.make()
            try folder.write(settings)
        } catch {
            _ = line.leave(id)
            folder.remove()
            throw error
        }
        runs[id] = Run(
            folder: folder,
            settings: settings,
            board: CurrentValue(RunProgress(phase: .waiting, fraction: 0))
        )
        logger.info("a run of discovery was asked for", metadata: ["run": "\(id)"])
        wake.yield()
        return DiscoveryStartResponse(run: id)
    }

    /// Ends a run that waits or is under way, whatever becomes of the process; what it found so far is dropped.
    ///
    /// - Throws: `.notFound` for a run that there is not; `.failedPrecondition` for one that is over; as
    ///   `CheckedFile.write`, where it ends all the same, unless the process does before.
    package func cancel(_ id: Bits128) throws {
        guard let run = runs[id] else { throw noRun(id) }
        guard !run.board.value.phase.isOver else {
            throw SwitchboardError(.failedPrecondition, "run \(id) is over: \(run.board.value.phase.rawValue)")
        }
        guard adopting == nil || line.current != id else {
            throw SwitchboardError(.failedPrecondition, "run \(id) is over: what it found is being taken into the book")
        }
        // A full disk, too, is a reason to end a run.
        defer { endCancelled(id) }
        try run.folder.noteCancelled()
    }

    private func endCancelled(_ id: Bits128) {
        runs[id]?.isCancelled = true
        if line.leave(id) {
            finish(id, .cancelled, note: "cancelled before it began")
        } else if let working, working.run == id {
            working.task.cancel()
        }
    }

    /// A run that looks at what was erased begins anew, from what is left in its pool.
    func beginAnew(_ id: Bits128) {
        runs[id]?.beginsAnew = true
        if let working, working.run == id {
            working.task.cancel()
        } else {
            runs[id]?.folder.removeWork()
        }
    }

    // MARK: Carrying out

    private func work(on id: Bits128) async {
        defer {
            working = nil
            line.end(id)
        }
        guard let run = runs[id] else { return }
        do {
            if let stored = try await book.outcome(of: id) {
                // The process ended when the book had all of it: what it has is not found once more, as of a later run.
                await putDown(id, try KeptOutcome(stored: stored))
                return
            }
            guard runs[id]?.isCancelled == false else {
                throw SwitchboardError(.cancelled, "it was cancelled before the process ended")
            }
            guard try run.folder.countAttempt() <= limits.attempts else {
                throw SwitchboardError(
                    .aborted,
                    "the process ended \(limits.attempts) times while it was under way and came no further (the node's log "
                        + "may say why); it is given up"
                )
            }
            let (outcome, previous) = try await carryOut(id)
            await putDown(id, try await adopt(outcome, since: previous, id))
        } catch {
            await end(id, error)
        }
    }

    /// What it found is in the book when this returns.
    ///
    /// - Parameter previous: what was undecided when it began.
    private func adopt(
        _ outcome: RunOutcome,
        since previous: [Proposal],
        _ id: Bits128,
    ) async throws -> KeptOutcome {
        // An erasure may not find in the book what comes there a moment later.
        if purges > 0 { runs[id]?.beginsAnew = true }
        guard let run = runs[id], !run.isCancelled, !run.beginsAnew else {
            throw SwitchboardError(.cancelled, "what the run found is no longer wanted")
        }
        var kept = self.kept(outcome, of: run, id)
        let (book, request, stored) = (book, run.settings.request, try kept.stored())
        let adoption = Task {
            try await book.adopt(
                outcome.proposals,
                pool: request.pool,
                of: id,
                previous: previous,
                verticals: request.verticals,
                outcome: stored
            )
        }
        adopting = adoption
        defer { adopting = nil }
        let left = try await adoption.value
        guard left > 0 else { return kept }
        let words = left == 1 ? "1 utterance is" : "\(left) utterances are"
        kept.notes.append(
            "\(words) left to the next run, since proposals were decided about while this one was under way."
        )
        kept.summary.progress.note = Self.note(kept.notes)
        return kept
    }

    private func putDown(_ id: Bits128, _ outcome: KeptOutcome) async {
        guard keep(outcome, of: id) else { return }
        do {
            try await book.forgetOutcome(of: id)
        } catch {
            // It goes with the run.
            logger.warning("the end of a run is kept twice", metadata: ["run": "\(id)", "reason": "\(error)"])
        }
    }

    /// - Returns: with what was undecided when it began.
    private func carryOut(_ id: Bits128) async throws -> (RunOutcome, [Proposal]) {
        guard let run = runs[id] else { throw noRun(id) }
        runs[id]?.beginsAnew = false
        let previous = try await book.undecided(in: run.settings.request.pool)
        let (body, logger) = (body, logger)
        let work = Task {
            let utterances = try await self.utterances(of: id)
            runs[id]?.utterances = utterances.count
            return try await body(
                RunTask(
                    id: id,
                    settings: run.settings.request.settings,
                    utterances: utterances,
                    previous: previous,
                    checkpoints: FolderCheckpoints(run.folder, logger: logger),
                    report: { [weak self] progress in await self?.note(progress, of: id) },
                )
            )
        }
        working = (id, work)
        // It may have been cancelled while the book was read.
        if runs[id]?.isCancelled == true { work.cancel() }
        let outcome = try await withTaskCancellationHandler {
            try await work.value
        } onCancel: {
            work.cancel()
        }
        return (outcome, previous)
    }

    /// Those that were put down when the run began, so that it goes on with the same.
    private func utterances(of id: Bits128) async throws -> [DiscoveryUtterance] {
        guard let run = runs[id] else { throw noRun(id) }
        let folder = run.folder
        let kept = try await WorkThread("sb-run-files", niceness: Computation.niceness).run {
            try folder.readUtterances()
        }
        if let kept { return kept }
        let request = run.settings.request
        if request.pool == PoolStore.live { await clean(request.verticals) }
        let query = PoolQuery(pool: request.pool, verticals: request.verticals)
        let utterances = try await pool.discoveryUtterances(of: query)
        guard !utterances.isEmpty else {
            throw SwitchboardError(
                .failedPrecondition,
                "the pool holds nothing of these verticals that the index does not explain by now"
            )
        }
        try await WorkThread("sb-run-files", niceness: Computation.niceness).run { try folder.write(utterances) }
        return utterances
    }

    private func clean(_ verticals: [Vertical]) async {
        guard let cleaning else { return }
        do {
            let report = try await cleaning.run(verticals: verticals)
            logger.info(
                "the pool was held against the index",
                metadata: ["looked": "\(report.looked)", "explained": "\(report.explained)"]
            )
        } catch {
            // The run says of what it finds whether it is known.
            logger.warning("the pool was not held against the index", metadata: ["reason": "\(error)"])
        }
    }

    /// The run says how far it is.
    private func note(_ progress: RunProgress, of id: Bits128) {
        guard var run = runs[id], !run.board.value.phase.isOver, !progress.phase.isOver else { return }
        var progress = progress
        let last = run.board.value
        progress.fraction = min(max(progress.fraction.isFinite ? progress.fraction : 0, last.fraction), 1)
        let now = ContinuousClock.now
        var timeLeft = run.timeLeft ?? TimeLeft(from: progress.fraction, at: now)
        let estimate = timeLeft.note(progress.fraction, at: now)
        if progress.secondsLeft == nil { progress.secondsLeft = estimate }
        run.timeLeft = timeLeft
        runs[id] = run
        run.board.set(progress)
    }

    // MARK: After a run

    private func end(_ id: Bits128, _ error: any Error) async {
        guard let run = runs[id] else { return }
        if run.isCancelled { return finish(id, .cancelled, note: "cancelled") }
        if run.beginsAnew {
            run.folder.removeWork()
            runs[id]?.timeLeft = nil
            run.board.set(RunProgress(phase: .waiting, fraction: 0, note: "begins anew, since something was erased"))
            line.resume(id)
            wake.yield()
            return
        }
        // The node stops: the run goes on when it starts again, and this was no end out of order.
        if Task.isCancelled { return run.folder.forgetAttempts() }
        let reason = (error as? SwitchboardError)?.message ?? "the run failed: \(type(of: error))"
        logger.error("a run of discovery failed", metadata: ["run": "\(id)", "reason": "\(reason)"])
        finish(id, .failed, note: reason)
    }

    static func isLater(
        _ left: (key: Bits128, value: Run),
        _ right: (key: Bits128, value: Run),
    ) -> Bool {
        (right.value.settings.startedMicroseconds, left.key) < (left.value.settings.startedMicroseconds, right.key)
    }

    func noRun(_ id: Bits128) -> SwitchboardError {
        SwitchboardError(
            .notFound,
            "there is no run \(id); of each pool the newest are kept (discover list --runs names them)"
        )
    }
}
