import Core
import Models

/// A schedule with a clock that the test moves.
struct ScheduleBench {
    var schedule: ComputeSchedule
    var now = ContinuousClock.now
    private var lastID: ComputeSchedule.JobID = 0

    init(
        threads: Int,
        jobs: Int = 1_024,
        bytes: Int = 1 << 20,
        liveBatchTokens: Int = 100,
        batchTexts: Int = 64,
        languageBatchTokens: Int = 250,
    ) {
        schedule = ComputeSchedule(
            limits: .init(
                threads: threads,
                jobs: jobs,
                bytes: bytes,
                liveBatchTokens: liveBatchTokens,
                backgroundBatchTokens: 40,
                batchTexts: batchTexts,
                languageBatchTokens: languageBatchTokens
            )
        )
    }

    mutating func admit(
        _ kind: ComputeSchedule.Job.Kind,
        _ priority: Priority = .live,
        within left: Duration? = nil,
        bytes: Int = 10,
    ) throws -> ComputeSchedule.JobID {
        lastID += 1
        let order = ComputeOrder(priority, deadline: left.map { now.advanced(by: $0) })
        try schedule.admit(.init(id: lastID, kind: kind, order: order, bytes: bytes, arrived: now), at: now)
        return lastID
    }

    mutating func encoding(
        _ tokens: Int...,
        priority: Priority = .live,
        within left: Duration? = nil,
        isFollowed: Bool = false,
    ) throws -> ComputeSchedule.JobID {
        try admit(.encoding(tokens: tokens, isFollowed: isFollowed), priority, within: left)
    }

    mutating func next(_ thread: Int = 0) -> ComputeSchedule.Step? { schedule.next(for: thread, at: now) }
    mutating func between(_ thread: Int = 0) -> ComputeSchedule.Step? {
        schedule.nextBetweenPieces(for: thread, at: now)
    }
    mutating func finish(_ thread: Int = 0, after time: Duration = .zero, isWhole: Bool = true) {
        now = now.advanced(by: time)
        schedule.finish(thread, at: now, isWhole: isWhole)
    }
}
