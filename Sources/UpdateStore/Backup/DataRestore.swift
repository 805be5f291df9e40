package import Core
internal import Foundation
internal import GRDB
internal import Glibc

/// Makes a data directory out of a backup.
///
/// The log gets a new id, so that nobody takes what was acknowledged after the backup for applied: a `min_seq` of the
/// other id is refused, and followers start anew. What was erased since is erased again before anything is served, where
/// the list of purges is given; keys that were revoked since are revoked again where the list of these is. The snapshots
/// that a trimmed log begins from name the log too, and are made anew. Until all is done a file marks the folder, and no
/// node starts on it.
package struct DataRestore: Sendable {
    private let backup: String
    private let target: String
    private let purges: String?
    private let revocations: String?
    private let renewSnapshots: SnapshotRenewal?

    /// Makes the snapshots of a folder anew as those of a log, from what is there: of another log id, or of before something
    /// was erased. Afterwards there is one at the log's head and no other.
    package typealias SnapshotRenewal = @Sendable (SnapshotFolder, UpdateLog) async throws(SwitchboardError) -> Void

    /// What came of it.
    package struct Report: Sendable, Equatable {
        package let manifest: BackupManifest
        /// With the new log id.
        package let head: LogPosition
        /// Exemplars that were erased since the backup, and lived in it.
        package let purgedExemplars: Int
        package let purgedFeedback: Int
        /// Calls of the pool.
        package let purgedCalls: Int
        /// Lines of the list that name no record of the backup's log, and were taken for later than the backup: what they
        /// name was erased whenever it came in.
        package let unplacedPurges: Int
        /// The log was trimmed, and the backup has no snapshot that it could begin from: no replica can follow it, and what
        /// it holds can be exported.
        package let lacksSnapshot: Bool
        /// Keys that the restored log lets in.
        package let liveKeys: Int
        /// Those that the list of revocations named and the backup let in.
        package let revokedKeys: Int
        /// Named by that list too, and the only admin that is left.
        package let leftAdmin: KeyName?
    }

    /// - Parameters:
    ///   - target: the data directory to make: not there yet, or never used.
    ///   - purges: a `purges.jsonl`; its key has to lie in `keys/` beside it, unless the backup has it.
    ///   - revocations: a `revocations.jsonl`.
    ///   - renewSnapshots: of a trimmed log; nil: they are left behind.
    package init(
        of backup: String,
        to target: String,
        purges: String? = nil,
        revocations: String? = nil,
        renewSnapshots: SnapshotRenewal? = nil,
    ) {
        self.backup = backup
        self.target = target.count > 1 && target.hasSuffix("/") ? String(target.dropLast()) : target
        self.purges = purges
        self.revocations = revocations
        self.renewSnapshots = renewSnapshots
    }

    /// - Throws: `.failedPrecondition` where the folder is no backup, the target is in use, or a key is missing;
    ///   `.invalidArgument` where a list is not there or none;
    ///   `.dataLoss` where a file of the backup is not what was written; `.resourceExhausted` on a full disk.
    package func run(
        _ progress: @escaping @Sendable (CopyProgress) -> Void = { _ in }
    ) async throws(SwitchboardError) -> Report {
        do {
            let manifest = try BackupManifest(in: backup)
            let erased = try purgesToApply(to: manifest)
            let revoked = try revocationsToApply()
            try requireUnusedTarget()
            let meter = CopyMeter(total: manifest.bytes, progress)
            let directory = try await meter.running { try copyAll(manifest, meter, withRuns: erased == nil) }
            meter.begin(.purging)
            let report = try await finish(manifest, directory, erased, revoked)
            try await meter.running {
                unlink(DataDirectory.restoringPath(in: target))
                try DurableFile.synchronize(folder: target)
            }
            return report
        } catch {
            throw SwitchboardError(copying: error, path: backup, doing: "restore")
        }
    }

    // MARK: Before

    private func requireUnusedTarget() throws {
        let (inside, outside) = (Self.withoutLinks(target), Self.withoutLinks(backup))
        guard inside != outside, !inside.hasPrefix(outside == "/" ? outside : outside + "/") else {
            throw SwitchboardError(
                .failedPrecondition,
                "\(target) lies in the backup itself; a backup is restored into a folder outside of it"
            )
        }
        let used = DataDirectory.contents(of: target)
        guard used.isEmpty else {
            throw SwitchboardError(
                .failedPrecondition,
                "\(target) is in use (there is \(used.prefix(3).joined(separator: ", "))); a backup is restored into a folder "
                    + "that is not there yet or empty"
            )
        }
    }

    /// The whole path, as far as it is there.
    private static func withoutLinks(_ path: String) -> String {
        guard let found = realpath(path, nil) else {
            let name = path.split(separator: "/").last.map(String.init) ?? ""
            let folder = StoreFile.folder(of: path)
            guard !folder.isEmpty else { return "/" + name }
            return folder == path ? path : withoutLinks(folder) + "/" + name
        }
        defer { free(found) }
        return String(cString: found)
    }

    /// What the list names and the backup may still hold, with the key that it was written with.
    private func purgesToApply(to manifest: BackupManifest) throws -> (entries: [PurgeList.Entry], rule: PurgeRule)? {
        guard let purges else { return nil }
        try Self.requireList(purges, of: "--purges", whereNothing: "was purged")
        let known = knownPurges(to: manifest)
        let entries = try PurgeList(path: purges).entries().filter { Self.isLater($0, than: manifest, known) }
        guard !entries.isEmpty else { return nil }
        let places = [StoreFile.folder(of: purges), backup].map { PurgeKey.path(in: $0) }
        let keys = places.compactMap { try? PurgeKey(file: $0) }
        guard let key = keys.first(where: { key in entries.allSatisfy { $0.key == key.fingerprint } }) else {
            throw SwitchboardError(
                .failedPrecondition,
                "the key that \(purges) was written with is in none of \(places.joined(separator: ", ")), or others may read "
                    + "it; put the file keys/purge.key of the data directory that the list is from in the first place, with "
                    + "mode 600"
            )
        }
        return (entries, PurgeRule(entries, key: key))
    }

    /// Of whatever log and time, since a revoked key stays revoked.
    private func revocationsToApply() throws -> [RevocationList.Entry] {
        guard let revocations else { return [] }
        try Self.requireList(revocations, of: "--revocations", whereNothing: "was revoked")
        return try RevocationList(path: revocations).entries()
    }

    private static func requireList(_ path: String, of option: String, whereNothing happened: String) throws {
        guard access(path, F_OK) == 0 else {
            throw SwitchboardError.invalid("there is no \(path); where nothing \(happened) leave \(option) out")
        }
    }

    /// What had been erased from what was backed up.
    private func knownPurges(to manifest: BackupManifest) -> Set<PurgeList.Entry> {
        // One that was put there afterwards says nothing of that.
        guard manifest.files.contains(where: { $0.path == PurgeList.name }) else { return [] }
        // What cannot be read leaves too much to erase, not too little; a damaged file is met when it is copied.
        return Set((try? PurgeList(in: backup).entries()) ?? [])
    }

    /// Whether the backup may hold what was erased. Where that cannot be told it does: what is erased once too often was said
    /// again since and can be added again, what is not erased has come back.
    ///
    /// No clock decides that something is left: one that was ahead when the backup was made would bring back what was erased
    /// afterwards.
    ///
    /// - Parameter known: of the backup's own list.
    private static func isLater(
        _ entry: PurgeList.Entry,
        than manifest: BackupManifest,
        _ known: Set<PurgeList.Entry>,
    ) -> Bool {
        if entry.log == manifest.log { return entry.sequence > manifest.sequence }
        guard known.contains(entry) else { return true }
        // Older versions copied the list after the pool, so that it may name what the pool's copy has.
        return entry.isOfPool && entry.timeMicroseconds > manifest.timeMicroseconds
    }

    // MARK: Copying

    /// - Parameter withRuns: what was erased may stand in them, and they can be made again from the pool.
    private func copyAll(
        _ manifest: BackupManifest,
        _ meter: CopyMeter,
        withRuns: Bool,
    ) throws -> DataDirectory {
        let needed = UInt64(manifest.bytes) + DataDirectory.minimumFreeBytes
        let directory = try DataDirectory(target, minimumFreeBytes: needed, isBeingRestored: true)
        try DurableFile.touch(DataDirectory.restoringPath(in: target))
        // Made with the folder; the backup's takes its place.
        if manifest.files.contains(where: { "\(target)/\($0.path)" == PurgeKey.path(in: target) }) {
            unlink(PurgeKey.path(in: target))
        }
        for file in manifest.files {
            if BackupManifest.isOfRun(file.path) {
                guard withRuns else { continue }
                try CopiedFile.makeFolders(of: file.path, in: target)
            }
            let source = "\(backup)/\(file.path)"
            guard access(source, R_OK) == 0 else {
                throw SwitchboardError(.dataLoss, "\(source) is missing or cannot be read; take another backup")
            }
            let (bytes, sha256) = try CopiedFile(path: source).copy(to: "\(target)/\(file.path)", meter)
            guard bytes == file.bytes, sha256 == file.sha256 else {
                throw SwitchboardError(
                    .dataLoss,
                    "\(source) is not what was backed up (its checksum differs); take another backup, and empty \(target)"
                )
            }
        }
        try giveNewID(to: directory)
        return directory
    }

    private func giveNewID(to directory: DataDirectory) throws {
        let pool = try StoreFile.open(directory.logPath, schema: .log)
        try pool.write { db in
            try db.execute(sql: "UPDATE log SET log_id = ? WHERE id = 1", arguments: [LogID.random().stored])
        }
        try pool.close()
    }

    // MARK: Erasing

    private func finish(
        _ manifest: BackupManifest,
        _ directory: DataDirectory,
        _ erased: (entries: [PurgeList.Entry], rule: PurgeRule)?,
        _ listed: [RevocationList.Entry],
    ) async throws -> Report {
        let log = try UpdateLog(in: directory)
        let feedback = try FeedbackStore(in: directory)
        let hasPool = manifest.files.contains { "\(target)/\($0.path)" == directory.poolPath }
        let pool = hasPool ? try PoolStore(in: directory) : nil
        var (exemplars, words, calls) = (0, 0, 0)
        var revoked: (count: Int, leftAdmin: KeyName?) = (0, nil)
        let isTrimmed = log.first > LogSequence.start.next
        let renewal = isTrimmed && !directory.snapshots.sequences().isEmpty ? renewSnapshots : nil
        do {
            // Before snapshots are made, which hold the keys.
            revoked = try await log.revoke(listed, source: "restore")
            try RevocationList(in: target).complete(
                with: listed,
                log.keys,
                timeMicroseconds: UpdateLog.systemTime()
            )
            // Before something is erased, as it is made from all records.
            try await renewal?(directory.snapshots, log)
            if let erased {
                (exemplars, words) = try await erase(erased.rule, from: log, feedback)
                if let pool, try await pool.count(of: erased.rule) > 0 { calls = try await pool.purge(erased.rule) }
                try PurgeList(in: target).append(erased.entries)
                try await renewal?(directory.snapshots, log)
            }
        } catch {
            try? await log.close()
            try? await feedback.close()
            try? await pool?.close()
            throw error
        }
        let (head, keys) = (log.head.position, log.keys)
        try await log.close()
        try await feedback.close()
        try await pool?.close()
        return Report(
            manifest: manifest,
            head: head,
            purgedExemplars: exemplars,
            purgedFeedback: words,
            purgedCalls: calls,
            unplacedPurges: erased?.entries.count { $0.log != manifest.log } ?? 0,
            lacksSnapshot: isTrimmed && renewal == nil,
            liveKeys: keys.liveCount,
            revokedKeys: revoked.count,
            leftAdmin: revoked.leftAdmin
        )
    }

    private func erase(
        _ rule: PurgeRule,
        from log: UpdateLog,
        _ feedback: FeedbackStore,
    ) async throws -> (exemplars: Int, words: Int) {
        var (exemplars, words) = (0, 0)
        while true {
            let found = try await log.findings(for: rule)
            let spoken = rule.adding(found.exemplars)
            if try await feedback.count(of: spoken) > 0 { words += try await feedback.purge(spoken) }
            guard found.records > 0 else { return (exemplars, words) }
            // Nothing is appended meanwhile, so that no snapshot lacks anything.
            let trimmed = log.first > LogSequence.start.next ? TrimmedPurge(basis: log.head.position.sequence) : nil
            exemplars += try await log.purge(found.exemplars, as: nil, trimmed: trimmed).removed
        }
    }
}
