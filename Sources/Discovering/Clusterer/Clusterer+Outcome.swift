internal import Core
internal import Logging
internal import Wire

/// How runs end, and what is kept of it.
extension Clusterer {
    func kept(_ outcome: RunOutcome, of run: Run, _ id: Bits128) -> KeptOutcome {
        let found = outcome.proposals.filter { $0.continuity != .gone }
        var summary = self.summary(of: run, id)
        summary.progress = RunProgress(
            phase: .finished,
            fraction: 1,
            secondsLeft: 0,
            effort: outcome.effort,
            note: Self.note(outcome.notes),
        )
        summary.proposals = found.count { $0.judgement.isGood }
        summary.unclear = found.count - summary.proposals
        summary.cuts = Array(outcome.cuts.prefix(RunSummary.maximumCuts))
        summary.largestShare = outcome.largestShare
        summary.largestMergedShare = outcome.largestMergedShare
        return KeptOutcome(summary: summary, trajectories: outcome.trajectories, notes: outcome.notes)
    }

    static func note(_ notes: [String]) -> String {
        notes.joined(separator: " ").shortened(toBytes: RunProgress.maximumNoteBytes)
    }

    func finish(_ id: Bits128, _ phase: RunProgress.Phase, note: String) {
        guard let run = runs[id] else { return }
        var summary = self.summary(of: run, id)
        summary.progress.phase = phase
        summary.progress.secondsLeft = nil
        summary.progress.note = note.shortened(toBytes: RunProgress.maximumNoteBytes)
        _ = keep(KeptOutcome(summary: summary), of: id)
    }

    /// - Returns: whether its end is on disk.
    func keep(_ outcome: KeptOutcome, of id: Bits128) -> Bool {
        guard let run = runs[id] else { return false }
        var isKept = false
        do {
            try run.folder.write(outcome)
            run.folder.removeWork()
            isKept = true
        } catch {
            // After the next start the book tells it where it finished; else it is carried out again.
            logger.error("the end of a run is not on disk", metadata: ["run": "\(id)", "reason": "\(error)"])
        }
        runs[id]?.outcome = outcome
        run.board.set(outcome.summary.progress)
        run.board.finish()
        logger.info(
            "a run of discovery is over",
            metadata: ["run": "\(id)", "phase": "\(outcome.summary.progress.phase.rawValue)"]
        )
        tidy()
        return isKept
    }
}

extension String {
    /// As many of its characters as fit.
    func shortened(toBytes limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var text = self
        while text.utf8.count > limit - 3 { text.removeLast() }
        return text + "..."
    }
}
