internal import Core
internal import Synchronization

// The language model.
extension ComputeQueue {
    /// Scores jobs of one priority together; each is told as soon as it is done, stopped or failed.
    ///
    /// - Returns: whether all of it was done.
    func score(_ ids: [ComputeSchedule.JobID], on worker: Worker) -> Bool {
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
            bit = 1 << UInt8(Priority.allCases.firstIndex(of: job.order.priority) ?? 0)
            let member = ScoringBatch.Member(
                input,
                stopReason: {
                    job.stopReason(at: .now) ?? (self.stopsRunning.load(ordering: .relaxed) ? Self.closed : nil)
                },
                finish: { result in
                    if case .failure = result { turn.isWhole = false }
                    completion(
                        result.map { output in
                            var timings = ComputeTimings()
                            timings.queued = job.arrived.duration(to: start)
                            timings.working = start.duration(to: .now) - turn.served
                            return Computed(value: output, timings: timings)
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
            guard self.pressing.load(ordering: .relaxed) & bit != 0 else { return }
            let begin = ContinuousClock.now
            while let step = self.locked({ $0.schedule.nextBetweenPieces(for: worker.thread, at: .now) }) {
                self.perform(step, on: worker)
            }
            turn.served += begin.duration(to: .now)
        }
        context.score(batch)
        return turn.isWhole
    }
}

/// What happened while a thread was in the language model.
private final class LanguageTurn {
    /// Time that the thread spent on others.
    var served: Duration = .zero
    var isWhole = true
}
