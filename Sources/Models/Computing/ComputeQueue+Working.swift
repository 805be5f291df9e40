internal import Core
internal import Synchronization

/// A job in the queue's table and what there is of its encoding: in one place, so that whoever takes it leaves nothing.
struct PendingJob: Sendable {
    let job: ComputeJob
    /// Nil until some of its texts have been encoded.
    var encoding: EncodingInProgress?
}

/// An encoding of which some texts have their vectors.
struct EncodingInProgress: Sendable {
    var vectors: [EncodedText?]
    var missing: Int
    var timings: ComputeTimings
    var doneAt: ContinuousClock.Instant

    init(count: Int, now: ContinuousClock.Instant) {
        vectors = Array(repeating: nil, count: count)
        missing = count
        timings = ComputeTimings()
        doneAt = now
    }
}

extension ComputeQueue {
    /// What one thread has of its own.
    final class Worker {
        let thread: Int
        let scorer: (any CandidateScoringContext)?
        private(set) var encoders: [ModelID: any TextEncodingContext] = [:]
        /// The change of the queue's encoders that it has followed last.
        private(set) var encodersSeen = 0

        init(thread: Int, scorer: (any CandidateScoringContext)?) {
            self.thread = thread
            self.scorer = scorer
        }

        /// Makes the context, and uses it once: the first use costs memory and page faults that no request should pay
        /// for.
        func prepare(_ encoder: any TextEncoding) throws(SwitchboardError) {
            guard encoders[encoder.id] == nil else { return }
            let context = try encoder.makeContext()
            _ = try context.encode(["ready"])
            encoders[encoder.id] = context
        }

        /// Has contexts of these encoders alone. Of one that fails here, whoever asks for it hears.
        func follow(_ wanted: [ModelID: any TextEncoding], change: Int) {
            encodersSeen = change
            for id in encoders.keys where wanted[id] == nil { encoders[id] = nil }
            for encoder in wanted.values { try? prepare(encoder) }
        }

        /// - Parameter isWanted: asked where it has no context yet: whether one that is made for this is kept.
        func encode(
            _ texts: [String],
            by encoder: any TextEncoding,
            isWanted: () -> Bool,
        ) throws(SwitchboardError) -> [EncodedText] {
            if let context = encoders[encoder.id] { return try context.encode(texts) }
            let context = try encoder.makeContext()
            if isWanted() { encoders[encoder.id] = context }
            return try context.encode(texts)
        }
    }

    private enum Turn {
        case step(ComputeSchedule.Step)
        /// The queue's encoders are others than before.
        case encoders([ModelID: any TextEncoding], change: Int)
        case end
    }

    /// A compute thread from its start to its end.
    func run(_ thread: Int) {
        let worker: Worker
        do throws(SwitchboardError) {
            worker = try makeWorker(thread)
        } catch {
            reportReady(failure: error)
            reportEnd()
            return
        }
        reportReady(failure: nil)
        loop: while true {
            switch nextTurn(of: worker) {
            case .step(let step): perform(step, on: worker)
            case .encoders(let wanted, let change):
                worker.follow(wanted, change: change)
                locked { state in
                    state.isThreadFollowing = false
                    shared.broadcast()
                }
            case .end: break loop
            }
        }
        reportEnd()
    }

    private func makeWorker(_ thread: Int) throws(SwitchboardError) -> Worker {
        let worker = Worker(thread: thread, scorer: try scorer?.makeContext())
        if let encoder { try worker.prepare(encoder) }
        if let scorer = worker.scorer {
            let input = try ScoringInput(text: UtteranceText("ready"), pairs: [], candidates: [IntentPath("ready")])
            _ = try scorer.score(input, interruption: .none)
        }
        return worker
    }

    private func reportReady(failure: SwitchboardError?) {
        let continuation = locked { state in
            state.threadsReady += 1
            state.failure = state.failure ?? failure
            guard state.threadsReady == threadCount else { return nil as CheckedContinuation<Void, Never>? }
            if state.failure == nil, case .starting = state.phase { state.phase = .open }
            defer { state.whenReady = nil }
            return state.whenReady
        }
        continuation?.resume()
    }

    private func reportEnd() {
        let continuations = shared.withLock { state in
            // Whoever else waits for work should see that it is over.
            shared.broadcast()
            state.threadsEnded += 1
            guard state.threadsEnded == threadCount else { return [] as [CheckedContinuation<Void, Never>] }
            defer { state.whenEnded = [] }
            return state.whenEnded
        }
        for continuation in continuations { continuation.resume() }
    }

    /// Waits for something to do.
    private func nextTurn(of worker: Worker) -> Turn {
        shared.waitUntil { state -> Turn? in
            defer { signal(state) }
            // One at a time, so that what is asked meanwhile finds a thread.
            if worker.encodersSeen != state.encodersChanged, !state.isThreadFollowing {
                state.isThreadFollowing = true
                state.schedule.leave(worker.thread)
                return .encoders(state.encoders, change: state.encodersChanged)
            }
            if let step = state.schedule.next(for: worker.thread, at: .now) { return .step(step) }
            if case .closing = state.phase, state.schedule.isEmpty { return .end }
            return nil
        }
    }

    func perform(_ step: ComputeSchedule.Step, on worker: Worker) {
        let isWhole: Bool
        switch step {
        case .drop(let id, let reason):
            take(id)?.job.fail(Self.error(for: reason))
            return
        case .encode(let parts): isWhole = encode(parts, on: worker)
        case .followUp(let id): isWhole = followUp(id)
        case .retrieve(let id): isWhole = retrieve(id)
        case .language(let ids): isWhole = useLanguageModel(ids, on: worker)
        }
        locked { state in state.schedule.finish(worker.thread, at: .now, isWhole: isWhole) }
    }

    private static func error(for reason: ComputeSchedule.DropReason) -> SwitchboardError {
        switch reason {
        case .expired: SwitchboardError(.deadlineExceeded, "the deadline passed while the work waited")
        case .cancelled: SwitchboardError(.cancelled, "the work was cancelled")
        case .closed: closed
        }
    }

    /// Takes a job out of the table; whoever gets it tells the one who asked.
    func take(_ id: ComputeSchedule.JobID) -> PendingJob? {
        shared.withLock { $0.jobs.removeValue(forKey: id) }
    }

    /// - Returns: whether it was done; so for the others.
    private func retrieve(_ id: ComputeSchedule.JobID) -> Bool {
        guard let job = take(id)?.job, case .retrieval(let completion) = job.work else { return false }
        let now = ContinuousClock.now
        if let reason = job.stopReason(at: now) {
            completion(.failure(reason))
            return false
        }
        var timings = ComputeTimings()
        timings.queued = job.arrived.duration(to: now)
        completion(.success(timings))
        return true
    }
}

// Encoding.
extension ComputeQueue {
    private func encode(_ parts: [ComputeSchedule.Part], on worker: Worker) -> Bool {
        let start = ContinuousClock.now
        // What was cancelled in part after this step was chosen is not there any more.
        let present = shared.withLock { state in
            parts.compactMap { part in state.jobs[part.job].map { (part: part, job: $0.job) } }
        }
        let textCount = present.reduce(0) { $0 + $1.part.texts.count }
        let work = present.map { part, job -> (texts: ArraySlice<String>, encoder: any TextEncoding) in
            guard let encoder = job.encoder ?? self.encoder else {
                preconditionFailure("texts without an encoder were admitted")
            }
            return (texts: job.texts[part.texts], encoder: encoder)
        }
        let results = vectors(of: work, on: worker)
        let end = ContinuousClock.now
        let endings = locked { state in
            var endings: [() -> Void] = []
            for ((part, job), result) in zip(present, results) {
                // Dropped meanwhile, or a part of it that another thread had has failed.
                guard var pending = state.jobs.removeValue(forKey: part.job) else { continue }
                let vectors: [EncodedText]
                switch result {
                case .success(let encoded): vectors = encoded
                case .failure(let error):
                    state.schedule.abandon(part.job)
                    endings.append { job.fail(error) }
                    continue
                }
                var progress = pending.encoding ?? EncodingInProgress(count: job.texts.count, now: start)
                // Held here alone, so that the vectors so far are not copied.
                pending.encoding = nil
                if part.texts.lowerBound == 0 { progress.timings.queued = job.arrived.duration(to: start) }
                progress.timings.encoding += start.duration(to: end)
                progress.timings.batchTexts = max(progress.timings.batchTexts, textCount)
                for (text, vector) in zip(part.texts, vectors) {
                    progress.vectors[text] = vector
                }
                progress.missing -= part.texts.count
                progress.doneAt = end
                if progress.missing == 0, case .encoding(_, let completion) = job.work {
                    let computed = Computed(value: progress.vectors.compactMap(\.self), timings: progress.timings)
                    endings.append { completion(.success(computed)) }
                    continue
                }
                if progress.missing == 0 { state.schedule.followUp(part.job) }
                pending.encoding = progress
                state.jobs[part.job] = pending
            }
            return endings
        }
        for ending in endings { ending() }
        return present.count == parts.count && results.allSatisfy { (try? $0.get()) != nil }
    }

    /// The texts of one encoder go together, so that what another fails at does not concern them.
    ///
    /// - Returns: for each piece of work its vectors, in the order of its texts.
    private func vectors(
        of work: [(texts: ArraySlice<String>, encoder: any TextEncoding)],
        on worker: Worker,
    ) -> [Result<[EncodedText], SwitchboardError>] {
        var results: [Int: Result<[EncodedText], SwitchboardError>] = [:]
        for (index, piece) in work.enumerated() where results[index] == nil {
            let places = work.indices.filter { work[$0].encoder.id == piece.encoder.id }
            let texts = places.flatMap { work[$0].texts }
            do throws(SwitchboardError) {
                let id = piece.encoder.id
                var rest = try worker.encode(texts, by: piece.encoder) {
                    shared.withLock { $0.encoders[id] != nil }
                }[...]
                for place in places {
                    results[place] = .success(Array(rest.prefix(work[place].texts.count)))
                    rest = rest.dropFirst(work[place].texts.count)
                }
            } catch {
                for place in places { results[place] = .failure(error) }
            }
        }
        return work.indices.compactMap { results[$0] }
    }

    private func followUp(_ id: ComputeSchedule.JobID) -> Bool {
        guard let pending = take(id), let progress = pending.encoding, let encoded = progress.vectors[0],
            case .followedEncoding(_, let completion) = pending.job.work
        else { return false }
        let job = pending.job
        let now = ContinuousClock.now
        if let reason = job.stopReason(at: now) {
            completion(.failure(reason))
            return false
        }
        var timings = progress.timings
        timings.queued += progress.doneAt.duration(to: now)
        completion(.success(Computed(value: encoded, timings: timings)))
        return true
    }
}

extension ComputeJob {
    /// What is to be encoded.
    fileprivate var texts: [String] {
        switch work {
        case .encoding(let texts, _): texts
        case .followedEncoding(let text, _): [text]
        case .retrieval, .scoring, .asking: []
        }
    }
}
