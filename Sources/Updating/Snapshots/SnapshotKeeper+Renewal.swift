package import Core
package import Index
package import Logging
package import UpdateStore

/// Snapshots of a trimmed log that are made anew, since the log has another id or something was erased from it.
extension SnapshotKeeper {
    /// After something was erased from a trimmed log: writes a snapshot that holds the purge, deletes the others and lets
    /// the log begin with the purge. Does nothing where none of that is due.
    ///
    /// - Throws: as `write`; what was begun is done by the next call.
    package func renew() async throws(SwitchboardError) {
        guard log.hasStaleSnapshots else { return }
        // One that is being written may be of before.
        await beginWriting()
        defer { endWriting() }
        if let purge = try await log.lastPurge(), purge >= log.first {
            let kept = try await writeNewer(atLeast: purge)
            guard kept.position.sequence >= purge else {
                throw SwitchboardError(
                    .unavailable,
                    "there is no snapshot of record \(purge) yet; try again in a moment"
                )
            }
            discardOthers(than: kept)
            try await log.trim(to: purge)
        }
        try log.snapshotsAreRenewed()
    }

    /// The same at a start, where a process was killed in the middle of it.
    func finishRenewal() async {
        do throws(SwitchboardError) {
            try await renew()
        } catch {
            logger.error(
                "snapshots of before a purge could not be made anew; purge again",
                metadata: ["reason": "\(error)"]
            )
        }
    }

    /// Makes the snapshots of a restored log anew: there is one of its head afterwards, and no other.
    ///
    /// - Throws: `.dataLoss` where none of those that were copied is whole and fits the log.
    func renewCopied() async throws(SwitchboardError) {
        if try await newest() == nil { discardOthers(than: try await writeFromCopied()) }
        try await renew()
    }

    /// What a restore needs to make the snapshots of a trimmed log anew: it works on a thread of its own, which is there as
    /// long as that takes.
    package static func renewal(
        settings: IndexSettings = IndexSettings(),
        logger: Logger,
    ) -> DataRestore.SnapshotRenewal {
        return { (folder, log) async throws(SwitchboardError) in
            let executor = ThreadExecutor(name: "sb-snapshots")
            defer { executor.stop() }
            let keeper = SnapshotKeeper(
                log: log,
                folder: folder,
                settings: settings,
                interval: 0,
                executor: executor,
                logger: logger
            )
            try await keeper.renewCopied()
        }
    }

    /// Writes one of a log that was restored from a copy, out of a snapshot of the log that was copied: the newest in the
    /// folder that says what the log says there.
    ///
    /// - Throws: `.dataLoss` where none does.
    private func writeFromCopied() async throws(SwitchboardError) -> Kept {
        await beginWriting()
        defer { endWriting() }
        for sequence in folder.sequences() where sequence <= log.head.position.sequence && sequence.next >= log.first {
            let memory = try SnapshotMemory(mappingFile: folder.path(of: sequence))
            guard let container = try? SnapshotContainer(verifying: memory),
                let digest = try? container.digest, try await log.digest(at: sequence) == digest
            else { continue }
            let copied = try Replica(restoring: container, as: log.id, settings: logSettings)
            return try await write(try await folded(copied))
        }
        throw SwitchboardError(
            .dataLoss,
            "the log was trimmed, and none of its snapshots is whole and says what the log says; take another backup"
        )
    }

    /// Those of later records too, which another history would have: they may hold what was erased.
    private func discardOthers(than kept: Kept) {
        for sequence in folder.sequences() where sequence != kept.position.sequence { folder.discard(sequence) }
    }
}
