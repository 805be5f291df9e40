package import Core
internal import Foundation
internal import GRDB
internal import Glibc

extension UpdateLog {
    /// Erases exemplars: their earlier records are blanked, the ledger forgets them, the file is written anew without them.
    ///
    /// Appends wait meanwhile, some seconds for 100,000 records; reads go on, but for those that hold on to an older moment
    /// of the log.
    ///
    /// - Parameters:
    ///   - selection: noted in the list of purges with keyed hashes, so that a backup can be rid of it when it is
    ///     restored; nil: not noted.
    ///   - trimmed: needed where the log was trimmed. Snapshots stay then, marked as stale, until the caller has made one
    ///     that holds the purge, has trimmed the log up to it and says `snapshotsAreRenewed()`.
    ///   - change: groups the operations of one purge; empty: this one alone.
    /// - Throws: `.dataLoss` where the log is damaged and nothing was erased; `.resourceExhausted` where the disk has no
    ///   room for the new file; `.unavailable` where all was erased from the log and the file still has to be written
    ///   anew, which another call, or the next start, does; `.aborted` where records came in meanwhile and nothing was
    ///   erased.
    package func purge(
        _ exemplars: Set<ExemplarID>,
        as selection: PurgeSelection?,
        trimmed: TrimmedPurge? = nil,
        change: [UInt8] = [],
        author: String = "",
    ) async throws(SwitchboardError) -> PurgeOutcome {
        let outcome: PurgeOutcome
        do {
            outcome = try await StoreFile.blocking { [pool, committer, path, snapshotsPath] in
                let folder = StoreFile.folder(of: path)
                let key = try selection.map { _ in try PurgeKey(in: folder) }
                func note(_ position: LogPosition) throws {
                    guard let selection, let key else { return }
                    let entries = PurgeList.entries(
                        of: selection,
                        exemplars,
                        key: key,
                        at: position,
                        timeMicroseconds: committer.now()
                    )
                    try PurgeList(in: folder).append(entries)
                }
                func erase() throws -> PurgeOutcome {
                    try StoreFile.erasing(from: path) {
                        try pool.writeWithoutTransaction { db in
                            try committer.purge(
                                exemplars,
                                trimmed: trimmed,
                                change: change,
                                author: author,
                                note: note,
                                db
                            )
                        }
                    }
                }
                guard trimmed != nil else { return try erase() }
                return try StoreFile.marking(snapshotsPath) { try erase() }
            }
        } catch {
            throw SwitchboardError(store: error, path: path, doing: "erase from")
        }
        try await finishErasing()
        return outcome
    }

    /// Whether something was erased by a record after a place. Reads through what follows it.
    package func hasPurge(after place: LogSequence) async throws(SwitchboardError) -> Bool {
        try await read { db in
            // 20: the number of the field in `LogRecord`.
            try Row.fetchOne(
                db,
                sql: "SELECT seq FROM record WHERE seq > ? AND kind = 20 LIMIT 1",
                arguments: [place.stored]
            ) != nil
        }
    }

    private var snapshotsPath: String { StoreFile.folder(of: path) + "/snapshots" }

    /// Something was erased from a trimmed log, and there are snapshots of before yet.
    package var hasStaleSnapshots: Bool { StoreFile.hasTraces(snapshotsPath) }

    /// All snapshots of before the last purge are gone, and the log begins with it.
    package func snapshotsAreRenewed() throws(SwitchboardError) {
        do {
            unlink(StoreFile.mark(of: snapshotsPath))
            try DurableFile.synchronize(folder: StoreFile.folder(of: path))
        } catch {
            throw SwitchboardError(.unavailable, "what marks stale snapshots cannot be taken away", cause: error)
        }
    }

    /// The last record that erased something; nil: none is in the log.
    package func lastPurge() async throws(SwitchboardError) -> LogSequence? {
        try await read { db in
            // 20: as above.
            try Row.fetchOne(db, sql: "SELECT max(seq) FROM record WHERE kind = 20")?.sequenceIfAny(0)
        }
    }

    /// Something was erased, and the file has not been written anew since.
    package var hasTraces: Bool { StoreFile.hasTraces(path) }

    /// Writes the file anew and deletes what was made from the log before and can be made from it again.
    package func finishErasing() async throws(SwitchboardError) {
        // Of a trimmed log the snapshots are a part.
        let isWhole = first <= LogSequence.start.next
        do {
            try await StoreFile.blocking { [pool, path] in
                try DataDirectory.removeCopies(in: StoreFile.folder(of: path), andSnapshots: isWhole)
                try StoreFile.finishErasing(pool, path: path)
            }
        } catch {
            throw SwitchboardError.notRewritten(path, cause: error)
        }
    }
}

extension SwitchboardError {
    static func notRewritten(_ path: String, cause: any Error) -> SwitchboardError {
        SwitchboardError(
            .unavailable,
            "what was to be erased is erased, but \(path) could not be written anew and may hold traces of it (an export or "
                + "a backup may be reading it, or the disk is full). Call again later, or start the node again",
            retryAfter: .seconds(10),
            cause: SwitchboardError(store: cause, path: path, doing: "write anew")
        )
    }
}
