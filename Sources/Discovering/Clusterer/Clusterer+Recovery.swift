internal import Core
internal import Logging
internal import UpdateStore
internal import Wire

/// After a start of the process.
extension Clusterer {
    /// Reads what runs there are; those that had not ended get in line again, in their order. Before anything else.
    package func recover() {
        var unfinished: [(Bits128, Int64)] = []
        for folder in RunFolder.all(in: runsPath) {
            do {
                guard let run = try recovered(folder) else { continue }
                runs[folder.id] = run
                if run.outcome == nil { unfinished.append((folder.id, run.settings.startedMicroseconds)) }
            } catch {
                logger.error("a run is damaged", metadata: ["run": "\(folder.id)", "reason": "\(error)"])
                markDamaged(folder, error)
            }
        }
        for (id, _) in unfinished.sorted(by: { ($0.1, $0.0) < ($1.1, $1.0) }) { line.resume(id) }
        tidy()
    }

    private func recovered(_ folder: RunFolder) throws(SwitchboardError) -> Run? {
        guard let settings = try folder.readSettings() else {
            // Nobody was told of it.
            folder.remove()
            return nil
        }
        guard let outcome = try folder.readOutcome() else {
            // It ends in its turn, when the book has told that it had not finished before.
            let isCancelled = folder.isCancelled
            let note = isCancelled ? "cancelled" : "goes on after a start of the node"
            var run = Run(
                folder: folder,
                settings: settings,
                board: CurrentValue(RunProgress(phase: .waiting, fraction: 0, note: note))
            )
            run.isCancelled = isCancelled
            return run
        }
        let board = CurrentValue(outcome.summary.progress)
        board.finish()
        return Run(
            folder: folder,
            settings: settings,
            board: board,
            outcome: outcome,
            utterances: outcome.summary.utterances
        )
    }

    /// It counts as failed, and is told so; what it proposed, if it did, is in the book all the same.
    private func markDamaged(_ folder: RunFolder, _ error: SwitchboardError) {
        let known = try? folder.readSettings()
        let settings =
            known ?? RunSettings(request: DiscoveryStartRequest(), author: "", startedMicroseconds: now())
        runs[folder.id] = Run(
            folder: folder,
            settings: settings,
            board: CurrentValue(RunProgress(phase: .waiting, fraction: 0))
        )
        if known == nil { try? folder.write(settings) }
        finish(folder.id, .failed, note: "a file of the run is damaged (\(error.message)); start another run")
    }
}
