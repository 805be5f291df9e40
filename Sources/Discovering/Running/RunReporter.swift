internal import Core

/// Tells whoever watches a run how far it is.
///
/// Called by one task at a time; words that say nothing new are kept back.
actor RunReporter {
    /// Of the whole run; a smaller step is not told.
    private static let step = 0.002

    private let report: @Sendable (RunProgress) async -> Void
    private let effort: EffortCounter
    private let began = ContinuousClock.now
    private var plan: RunPlan
    private var told: RunProgress?
    private var phase = RunProgress.Phase.waiting
    private var note = ""

    init(plan: RunPlan, effort: EffortCounter, report: @escaping @Sendable (RunProgress) async -> Void) {
        self.plan = plan
        self.effort = effort
        self.report = report
    }

    /// Seconds since the run began, or went on.
    var seconds: Double { (ContinuousClock.now - began) / .seconds(1) }

    func begin(_ phase: RunProgress.Phase, _ note: String) async {
        self.phase = phase
        self.note = note
        plan.begin(phase, at: seconds)
        await tell()
    }

    /// - Parameter fraction: of the phase.
    func advance(to fraction: Double) async {
        plan.advance(to: fraction)
        guard plan.fraction - (told?.fraction ?? 0) >= Self.step else { return }
        await tell()
    }

    func finish(_ note: String, effort: RunEffort) async {
        await report(RunProgress(phase: .finished, fraction: 1, secondsLeft: 0, effort: effort, note: note))
    }

    private func tell() async {
        var spent = effort.total
        spent.seconds += seconds
        let progress = RunProgress(
            phase: phase,
            fraction: plan.fraction,
            secondsLeft: plan.secondsLeft(at: seconds),
            effort: spent,
            note: note
        )
        told = progress
        await report(progress)
    }
}
