internal import Calls
internal import Core
internal import Index
internal import Logging
internal import UpdateStore
internal import Wire

extension Follower {
    /// Lets the sink begin from a snapshot, where it has nothing or the log no longer has what it lacks.
    ///
    /// - Throws: where there is no other way to begin, or the connection was lost: what has come by then is kept for the
    ///   next time.
    func beginFromSnapshot() async throws(SwitchboardError) {
        do throws(SwitchboardError) {
            let container = try await findSnapshot()
            let sequence = try container.position.sequence
            try await sink.install(container)
            logger.info("begins from a snapshot", metadata: ["sequence": "\(sequence)"])
            needsSnapshot = false
        } catch {
            // Where others are being sent theirs this one waits its turn with what it has.
            if ![.unavailable, .cancelled, .resourceExhausted].contains(error.code) { forgetDownload() }
            if needsSnapshot { throw error }
            switch error.code {
            // There is none, or the updater is of a version that has none.
            case .notFound, .unimplemented: break
            case .unavailable, .cancelled, .deadlineExceeded, .resourceExhausted: throw error
            default:
                tell(error)
                avoidsSnapshots = true
            }
        }
    }

    private func findSnapshot() async throws(SwitchboardError) -> SnapshotContainer {
        guard let local, !sink.wantsNamesOnly else { return try await download() }
        guard let kept = try await local.newest() else { throw SwitchboardError(.notFound, "there is no snapshot yet") }
        return kept.container
    }

    private func download() async throws(SwitchboardError) -> SnapshotContainer {
        let spool = try await openSpool()
        let stream = try await channel.open(Methods.snapshot, downloaded.request(namesOnly: sink.wantsNamesOnly))
        do throws(SwitchboardError) {
            var isFirst = true
            while let response = try await stream.next() {
                var next = downloaded
                let place = response.offset
                let chunk = response.chunk
                let isNew = try next.take(response, isFirst: isFirst)
                isFirst = false
                try await SnapshotFolder.blocking { () throws(SwitchboardError) -> Void in
                    if isNew { try spool.clear() }
                    try spool.put(chunk, at: place)
                }
                // Once it is in the file.
                downloaded = next
            }
        } catch {
            await stream.cancel()
            throw error
        }
        guard downloaded.isWhole, let checksum = downloaded.beginning?.file.checksum else {
            throw SwitchboardError(.unavailable, "the updater ended the snapshot before it was whole")
        }
        // Whatever it is like, the next one is another.
        forgetDownload()
        return try await SnapshotFolder.blocking { () throws(SwitchboardError) -> SnapshotContainer in
            let container = try SnapshotContainer(verifying: try SnapshotMemory(mapping: spool.descriptor))
            guard container.checksum == checksum else {
                throw SwitchboardError(.dataLoss, "another snapshot came than was announced")
            }
            return container
        }
    }

    private func openSpool() async throws(SwitchboardError) -> SnapshotSpool {
        if let spool { return spool }
        let opened = try await SnapshotFolder.blocking { () throws(SwitchboardError) -> SnapshotSpool in
            try SnapshotSpool()
        }
        spool = opened
        return opened
    }

    private func forgetDownload() {
        downloaded = SnapshotDownload()
        spool = nil
    }
}
