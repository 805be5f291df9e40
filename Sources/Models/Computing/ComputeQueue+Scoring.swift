internal import Core
internal import Synchronization

// The language model.
extension ComputeQueue {
    /// - Parameter ids: scores that go together, or one question about a cluster: nothing that nobody waits for has company.
    /// - Returns: whether all of it was done.
    func useLanguageModel(_ ids: [ComputeSchedule.JobID], on worker: Worker) -> Bool {
        let isQuestion = shared.withLock { state in
            guard ids.count == 1, case .asking? = state.jobs[ids[0]]?.job.work else { return false }
            return true
        }
        return isQuestion ? answer(ids[0], on: worker) : score(ids, on: worker)
    }

    /// Scores jobs of one priority together; each is told as soon as it is done, stopped or failed.
    ///
    /// - Returns: whether all of it was done.
    private func score(_ ids: [ComputeSchedule.JobID], on worker: Worker) -> Bool {
        guard let context = worker.scorer else {
            preconditionFailure("language model work without a scorer was admitted")
        }
        let start = ContinuousClock.now
        let turn = LanguageTurn()
        var bit: UInt8 = 0
        var members: [ScoringBatch.Member] = []
        for id in ids {
            guard let job = take(id)?.job, case .scoring(let input, _, let completion) = job.work else {
                turn.isWhole = false
                continue
            }
            bit = Self.bit(of: job.order.priority)
            let member = ScoringBatch.Member(
                input,
                stopReason: { self.stopReason(of: job) },
                finish: { result in
                    if case .failure = result { turn.isWhole = false }
                    completion(
                        result.map { output in
                            Computed(value: output, timings: turn.timings(of: job, from: start))
                        }
                    )
                }
            )
            if let reason = job.stopReason(at: start) {
                member.finish(.failure(reason))
            } else {
                members.append(member)
            }
        }
        let batch = ScoringBatch(members) {
            self.serve(bit, on: worker, turn)
        }
        context.score(batch)
        return turn.isWhole
    }

    /// Answers a question about a cluster, and tells whoever asked.
    ///
    /// - Returns: whether it was answered.
    private func answer(_ id: ComputeSchedule.JobID, on worker: Worker) -> Bool {
        guard let context = worker.scorer else {
            preconditionFailure("language model work without a scorer was admitted")
        }
        guard let job = take(id)?.job, case .asking(let question, _, let completion) = job.work else { return false }
        let start = ContinuousClock.now
        if let reason = job.stopReason(at: start) {
            completion(.failure(reason))
            return false
        }
        let turn = LanguageTurn()
        let bit = Self.bit(of: job.order.priority)
        let interruption = Interruption(
            serve: { self.serve(bit, on: worker, turn) },
            stopReason: { self.stopReason(of: job) }
        )
        do throws(SwitchboardError) {
            let answer = try context.answer(question, interruption: interruption)
            completion(.success(Computed(value: answer, timings: turn.timings(of: job, from: start))))
            return true
        } catch {
            completion(.failure(error))
            return false
        }
    }

    /// Does what presses more than the language model's work, and returns.
    ///
    /// - Parameter bit: of that work's priority.
    private func serve(_ bit: UInt8, on worker: Worker, _ turn: LanguageTurn) {
        guard pressing.load(ordering: .relaxed) & bit != 0 else { return }
        let begin = ContinuousClock.now
        while let step = locked({ $0.schedule.nextBetweenPieces(for: worker.thread, at: .now) }) {
            perform(step, on: worker)
        }
        turn.served += begin.duration(to: .now)
    }

    private func stopReason(of job: ComputeJob) -> SwitchboardError? {
        job.stopReason(at: .now) ?? (stopsRunning.load(ordering: .relaxed) ? Self.closed : nil)
    }

    private static func bit(of priority: Priority) -> UInt8 {
        1 << UInt8(Priority.allCases.firstIndex(of: priority) ?? 0)
    }
}

/// What happened while a thread was in the language model.
private final class LanguageTurn {
    /// Time that the thread spent on others.
    var served: Duration = .zero
    var isWhole = true

    /// How long a job has taken until now.
    ///
    /// - Parameter start: when it was begun.
    func timings(of job: ComputeJob, from start: ContinuousClock.Instant) -> ComputeTimings {
        var timings = ComputeTimings()
        timings.queued = job.arrived.duration(to: start)
        timings.working = start.duration(to: .now) - served
        return timings
    }
}
