internal import Core
internal import Logging
internal import UpdateStore
internal import Wire

/// Which runs are kept, and what of them.
extension Clusterer {
    /// Runs that are over, by what they are counted with.
    private enum Shelf: Hashable {
        case live
        case file(String)
        /// Their pools are not there any more.
        case left
        /// They came to nothing, and push out no proposals.
        case unfinished
        case held
    }

    /// Forgets runs that were kept as long as they may be, and the oldest beyond those that are kept of each pool.
    func tidy() {
        bringBackFromTheFuture()
        let oldest = now() - Int64(limits.retention.microseconds)
        let old = runs.filter { $0.value.outcome != nil && $0.value.settings.startedMicroseconds < oldest }
        for id in old.keys { runs[id] = nil }
        Task {
            await forget(old)
            await makeRoom()
        }
    }

    /// What was accepted or rejected stays with its run: it has to be there to be taken back, and for later runs to be held
    /// against.
    private func makeRoom() async {
        guard runs.count > min(limits.keptRuns, limits.keptFileRuns) else { return }
        do {
            var beyond = runsBeyond(those: Set(try await pool.namedPools()))
            guard !beyond.isEmpty else { return }
            let held = try await book.removeUndecided(of: beyond.filter { !$0.value.isHeld }.map { $0.key })
            for id in held {
                beyond[id] = nil
                runs[id]?.isHeld = true
                // Most of what they lead through is gone, and they take the most room.
                runs[id]?.outcome?.trajectories = []
            }
            for id in beyond.keys { runs[id] = nil }
            await forget(beyond)
        } catch {
            logger.error("runs are kept that should have gone", metadata: ["reason": "\(error)"])
        }
    }

    /// - Parameter pools: those of files that are there.
    private func runsBeyond(those pools: Set<String>) -> [Bits128: Run] {
        var counts: [Shelf: Int] = [:]
        var beyond: [Bits128: Run] = [:]
        for (id, run) in runs.filter({ $0.value.outcome != nil }).sorted(by: { Self.isLater($0, $1) }) {
            let shelf = shelf(of: run, pools)
            counts[shelf, default: 0] += 1
            if counts[shelf, default: 0] > room(on: shelf) { beyond[id] = run }
        }
        return beyond
    }

    private func shelf(of run: Run, _ pools: Set<String>) -> Shelf {
        let name = run.settings.request.pool
        if run.isHeld { return .held }
        guard run.board.value.phase == .finished else { return .unfinished }
        if name == PoolStore.live { return .live }
        return pools.contains(name) ? .file(name) : .left
    }

    private func room(on shelf: Shelf) -> Int {
        switch shelf {
        case .live, .unfinished: limits.keptRuns
        case .file, .left: limits.keptFileRuns
        case .held: limits.heldRuns
        }
    }

    /// Takes runs from the book and the disk, with all that was decided about what they proposed.
    private func forget(_ gone: [Bits128: Run]) async {
        guard !gone.isEmpty else { return }
        do {
            try await book.remove(runs: Array(gone.keys))
            for run in gone.values { run.folder.remove() }
        } catch {
            // Their folders are there still, so that the next start tries again.
            logger.error("old runs were not forgotten", metadata: ["reason": "\(error)"])
        }
    }

    /// A time in the future counts as now: where the clock was ahead once, runs of then would stay longer than they may, and
    /// later ones would count as earlier. Among themselves they keep their order.
    func bringBackFromTheFuture() {
        let time = now()
        let ahead = runs.filter { $0.value.settings.startedMicroseconds > time }.sorted { Self.isLater($0, $1) }
        for (place, entry) in ahead.enumerated() {
            var settings = entry.value.settings
            settings.startedMicroseconds = time - 1 - Int64(place)
            runs[entry.key]?.settings = settings
            do {
                try entry.value.folder.write(settings)
            } catch {
                // After the next start it is brought back once more.
                logger.warning("a run's time is not on disk", metadata: ["run": "\(entry.key)", "reason": "\(error)"])
            }
        }
    }
}
