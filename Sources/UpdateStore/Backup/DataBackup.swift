package import Core
internal import Foundation
internal import GRDB
internal import Glibc

/// Copies a data directory while a node works with it.
///
/// The stores are copied by SQLite's backup from one moment each: a read transaction is opened on the feedback and, at
/// once after it, on the log, and both are held until all is copied, so that the log has whatever the feedback led to.
/// Appends go on; what they write stays in the WAL as long as the copying takes. The copy of the log is read against its
/// checksums before it counts. Everything goes into a folder beside the target, which gets the target's name when all is
/// on disk: an interrupted backup is none. What killed ones have left beside the target is deleted before.
///
/// The list of purges is copied after them, and then the pool, as of its own moment. Beside these it takes `models/`,
/// `keys/`, `runs/` and, where the log was trimmed, the snapshots that it can begin from. It neither takes nor needs the lock
/// of the data directory, and does not copy what is made again.
///
/// On a disk that is read-only SQLite cannot make what it needs beside a store. There the lock is taken beside others, which
/// no node does, and the files are read as they lie.
package struct DataBackup: Sendable {
    private let data: String
    private let target: String
    private let isReadOnly: Bool

    /// - Parameters:
    ///   - data: the data directory.
    ///   - target: a folder that is not there, or is empty.
    package init(of data: String, to target: String) {
        self.init(of: data, to: target, isReadOnly: access(data, W_OK) != 0 && errno == EROFS)
    }

    /// - Parameter isReadOnly: the data directory's disk is.
    init(of data: String, to target: String, isReadOnly: Bool) {
        self.data = data
        self.target = target.count > 1 && target.hasSuffix("/") ? String(target.dropLast()) : target
        self.isReadOnly = isReadOnly
    }

    /// - Throws: `.failedPrecondition` where there is no log, or the target is in use or cannot be written;
    ///   `.resourceExhausted` where the target's disk has no room; `.dataLoss` where the log is damaged.
    package func run(
        _ progress: @escaping @Sendable (CopyProgress) -> Void = { _ in }
    ) async throws(SwitchboardError) -> BackupManifest {
        do {
            try requireLog()
            BackupPart.removeAbandoned(beside: target)
            let files = otherFiles()
            let otherBytes = files.reduce(0) { $0 + $1.bytes }
            let hold = holdStill()
            // To the end, whatever is last done with it.
            defer { withExtendedLifetime(hold) {} }
            let isStill = hold != nil
            // What SQLite has to be given a copy of is there twice for a while.
            try requireFreeTarget(otherBytes: otherBytes + (isStill ? storeBytes : 0))
            let meter = CopyMeter(total: storeBytes + otherBytes, progress)
            let part = BackupPart.path(of: target)
            do {
                let copy = try await meter.running {
                    try copyAll(files.map { $0.path }, to: part, isStill: isStill, meter)
                }
                meter.begin(.checking)
                let manifest = try await copy.checked(in: part)
                try await meter.running { try keep(manifest, part) }
                return manifest
            } catch {
                try? FileManager.default.removeItem(atPath: part)
                throw error
            }
        } catch {
            let told = SwitchboardError(copying: error, path: data, doing: "back up")
            guard isReadOnly, told.cause is DatabaseError else { throw told }
            throw SwitchboardError(
                told.code,
                "\(told.message). Its disk is read-only: stop the node that is on it and back up again, or copy the folder to a "
                    + "disk that can be written and back that up",
                cause: told.cause
            )
        }
    }

    // MARK: Before

    /// - Returns: what keeps nodes from the data directory of a read-only disk; nil where it can be written, or a node has
    ///   it: then SQLite finds what it needs, or says what it lacks.
    private func holdStill() -> DataDirectoryReader? {
        guard isReadOnly else { return nil }
        return try? DataDirectoryReader(data)
    }

    private func requireLog() throws {
        guard access("\(data)/log.sqlite", R_OK) == 0 else {
            throw SwitchboardError(
                .failedPrecondition,
                "\(data) has no log.sqlite that this user can read; name the data directory of a node with the role updater "
                    + "(--data), and run this as the node's user"
            )
        }
    }

    private func requireFreeTarget(otherBytes: Int) throws {
        let found = try? FileManager.default.contentsOfDirectory(atPath: target)
        guard access(target, F_OK) != 0 || found?.isEmpty == true else {
            throw SwitchboardError(
                .failedPrecondition,
                "\(target) is not empty; name a folder that is, or is not there yet"
            )
        }
        let folder = StoreFile.folder(of: target)
        guard access(folder, W_OK | X_OK) == 0 else {
            throw SwitchboardError(
                .failedPrecondition,
                "the folder \(folder) is not there, or this user cannot write to it"
            )
        }
        let free = try DataDirectory.freeBytes(at: folder)
        let needed = UInt64(storeBytes + otherBytes) + DataDirectory.minimumFreeBytes
        guard free >= needed else {
            throw SwitchboardError(
                .resourceExhausted,
                "the disk of \(target) has \(free >> 20) MiB free; the backup takes \(needed >> 20) MiB"
            )
        }
    }

    private var storeBytes: Int {
        ["log.sqlite", "feedback.sqlite", "pool.sqlite", BackupManifest.reviews].reduce(0) {
            $0 + StoreFile.bytes(at: "\(data)/\($1)")
        }
    }

    /// What is no store, by its path below the data directory.
    private func otherFiles() -> [(path: String, bytes: Int)] {
        var files: [(path: String, bytes: Int)] = []
        func add(_ path: String) {
            let attributes = try? FileManager.default.attributesOfItem(atPath: "\(data)/\(path)")
            guard attributes?[.type] as? FileAttributeType == .typeRegular else { return }
            files.append((path, (attributes?[.size] as? NSNumber)?.intValue ?? 0))
        }
        for folder in BackupManifest.folders {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(data)/\(folder)")) ?? []
            // What a node that was killed had copied so far is of no use.
            for name in names.sorted() where !name.hasSuffix(".part") { add("\(folder)/\(name)") }
        }
        let runs = BackupManifest.runs
        for run in (try? FileManager.default.contentsOfDirectory(atPath: "\(data)/\(runs)"))?.sorted() ?? [] {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(data)/\(runs)/\(run)")) ?? []
            for name in names.sorted() where !name.hasSuffix(".part") { add("\(runs)/\(run)/\(name)") }
        }
        add(PurgeList.name)
        return files
    }

    // MARK: Copying

    /// - Parameter isStill: nobody writes to the data directory, and nothing can be made in it.
    private func copyAll(
        _ others: [String],
        to part: String,
        isStill: Bool,
        _ meter: CopyMeter,
    ) throws -> CopiedStores {
        for folder in [""] + BackupManifest.folders.map({ "/" + $0 }) {
            try SystemCallError.checked("mkdir \(part)\(folder)") { mkdir(part + folder, 0o700) }
        }
        let stillIn = isStill ? part : nil
        defer { StoreCopy.removeStill(in: part) }
        var copy = try copyStores(to: part, stillIn: stillIn, meter)
        func copyFile(_ path: String) throws {
            let (bytes, sha256) = try CopiedFile(path: "\(data)/\(path)").copy(to: "\(part)/\(path)", meter)
            copy.files.append(BackupManifest.File(path: path, bytes: bytes, sha256: sha256))
        }
        // Before the pool, so that what it names was erased from the pool's copy.
        if others.contains(PurgeList.name) { try copyFile(PurgeList.name) }
        try copyPool(into: &copy, to: part, stillIn: stillIn, meter)
        try copyReviews(into: &copy, to: part, stillIn: stillIn, meter)
        for path in others where path != PurgeList.name {
            if BackupManifest.isOfRun(path) {
                // A run that goes on puts new files in the place of others.
                guard access("\(data)/\(path)", F_OK) == 0 else { continue }
                try CopiedFile.makeFolders(of: path, in: part)
            }
            try copyFile(path)
        }
        return copy
    }

    private func copyStores(to part: String, stillIn: String?, _ meter: CopyMeter) throws -> CopiedStores {
        let log = try StoreCopy.source("\(data)/log.sqlite", .log, stillIn: stillIn)
        defer { try? log.close() }
        guard access("\(data)/feedback.sqlite", F_OK) == 0 else {
            return try log.read { db in try copyStores(db, nil, to: part, meter) }
        }
        let feedback = try StoreCopy.source("\(data)/feedback.sqlite", .feedback, stillIn: stillIn)
        defer { try? feedback.close() }
        return try feedback.read { feedback in
            // The first read is what opens the transaction.
            _ = try Int.fetchOne(feedback, sql: "SELECT count(*) FROM feedback")
            return try log.read { log in try copyStores(log, feedback, to: part, meter) }
        }
    }

    private func copyPool(
        into copy: inout CopiedStores,
        to part: String,
        stillIn: String?,
        _ meter: CopyMeter,
    ) throws {
        let path = "\(data)/pool.sqlite"
        guard access(path, F_OK) == 0 else { return }
        let pool = try StoreCopy.source(path, .pool, stillIn: stillIn)
        defer { try? pool.close() }
        let (version, file) = try pool.read { db in
            (try StoreCopy.version(of: db, .pool, path: path), try StoreCopy.copy(db, "pool.sqlite", to: part, meter))
        }
        copy.poolVersion = version
        copy.files.append(file)
    }

    private func copyReviews(
        into copy: inout CopiedStores,
        to part: String,
        stillIn: String?,
        _ meter: CopyMeter,
    ) throws {
        let path = "\(data)/\(BackupManifest.reviews)"
        guard access(path, F_OK) == 0 else { return }
        let reviews = try StoreCopy.source(path, .review, stillIn: stillIn)
        defer { try? reviews.close() }
        try CopiedFile.makeFolders(of: BackupManifest.reviews, in: part)
        copy.files.append(
            try reviews.read { db in
                _ = try StoreCopy.version(of: db, .review, path: path)
                return try StoreCopy.copy(db, BackupManifest.reviews, to: part, meter)
            }
        )
    }

    private func copyStores(
        _ log: Database,
        _ feedback: Database?,
        to part: String,
        _ meter: CopyMeter,
    ) throws -> CopiedStores {
        guard let row = try Row.fetchOne(log, sql: "SELECT log_id, head, digest, first FROM log WHERE id = 1") else {
            throw SwitchboardError(
                .failedPrecondition,
                "nothing was ever written to \(data)/log.sqlite; there is nothing to back up"
            )
        }
        var copy = CopiedStores(
            timeMicroseconds: UpdateLog.systemTime(),
            position: LogPosition(log: try row.bits(0), sequence: try row.sequence(1)),
            digest: StateDigest(try row.bits(2)),
            logVersion: try StoreCopy.version(of: log, .log, path: "\(data)/log.sqlite")
        )
        // First, as those that there are now are deleted when newer ones are written.
        let first = try row.sequence(3)
        if first > LogSequence.start.next {
            copy.files += try copySnapshots(from: first, to: copy.position.sequence, into: part, meter)
        }
        copy.files.append(try StoreCopy.copy(log, "log.sqlite", to: part, meter))
        if let feedback {
            copy.feedback = try Int.fetchOne(feedback, sql: "SELECT count(*) FROM feedback") ?? 0
            copy.feedbackVersion = try StoreCopy.version(of: feedback, .feedback, path: "\(data)/feedback.sqlite")
            copy.files.append(try StoreCopy.copy(feedback, "feedback.sqlite", to: part, meter))
        }
        return copy
    }

    /// The snapshots that a log can begin from: without one no replica comes to what a trimmed log says.
    private func copySnapshots(
        from first: LogSequence,
        to head: LogSequence,
        into part: String,
        _ meter: CopyMeter,
    ) throws -> [BackupManifest.File] {
        let name = BackupManifest.snapshots
        guard !StoreFile.hasTraces("\(data)/\(name)") else {
            throw SwitchboardError(.unavailable, "a purge of \(data) is not done yet; back up when it is")
        }
        let folder = SnapshotFolder("\(data)/\(name)")
        let target = SnapshotFolder("\(part)/\(name)")
        try SystemCallError.checked("mkdir \(part)/\(name)") { mkdir("\(part)/\(name)", 0o700) }
        var files: [BackupManifest.File] = []
        for sequence in folder.sequences() where sequence <= head && sequence.next >= first {
            let copy = target.path(of: sequence)
            do {
                let (bytes, sha256) = try CopiedFile(path: folder.path(of: sequence)).copy(to: copy, meter)
                files.append(BackupManifest.File(path: "\(name)/\(sequence).snapshot", bytes: bytes, sha256: sha256))
            } catch {
                // The node may have deleted it, as there are newer ones.
                guard access(folder.path(of: sequence), F_OK) != 0 else { throw error }
                unlink(copy)
            }
        }
        guard !files.isEmpty else {
            throw SwitchboardError(
                .unavailable,
                "the log was trimmed, and \(data)/\(name) has no snapshot that it could begin from; run "
                    + "`switchboard index snapshot` and back up again"
            )
        }
        return files
    }

    // MARK: After

    private func keep(_ manifest: BackupManifest, _ part: String) throws {
        try DurableFile.append(try manifest.encoded(), to: "\(part)/\(BackupManifest.name)", mustBeNew: true)
        let folders = Set(manifest.files.map { StoreFile.folder(of: "\(part)/\($0.path)") })
            .union(
                CopiedFile.folders(of: manifest.files.map(\.path).filter(BackupManifest.isOfRun)).map {
                    "\(part)/\($0)"
                }
            )
        for folder in folders.union(BackupManifest.folders.map { "\(part)/\($0)" }) {
            try DurableFile.synchronize(folder: folder)
        }
        // Takes the place of an empty folder too.
        try SystemCallError.checked("rename \(part)") { rename(part, target) }
        try DurableFile.synchronize(folder: StoreFile.folder(of: target))
    }
}

/// What was copied of the stores, and of which moment.
private struct CopiedStores: Sendable {
    let timeMicroseconds: Int64
    let position: LogPosition
    let digest: StateDigest
    let logVersion: Int
    var feedback = 0
    var feedbackVersion = 0
    var poolVersion: Int?
    var files: [BackupManifest.File] = []

    init(timeMicroseconds: Int64, position: LogPosition, digest: StateDigest, logVersion: Int) {
        self.timeMicroseconds = timeMicroseconds
        self.position = position
        self.digest = digest
        self.logVersion = logVersion
    }

    /// Reads the copied log, each record against its checksum.
    ///
    /// - Throws: `.dataLoss` where it is not whole.
    func checked(in part: String) async throws(SwitchboardError) -> BackupManifest {
        let isCurrent = logVersion == StoreSchema.log.steps.count
        if isCurrent {
            let id = position.log
            let check = try await StoreFile.readUnused("\(part)/log.sqlite", schema: .log) { db in
                try LogCheck(db, log: id)
            }
            guard let check, check.isWhole else {
                throw SwitchboardError(
                    .dataLoss,
                    "the log is damaged (\(check?.fault ?? "nothing of it could be read")), and this backup was not kept; "
                        + "keep the backups that there are, stop the node, and run `switchboard doctor`"
                )
            }
        }
        return BackupManifest(
            timeMicroseconds: timeMicroseconds,
            position: position,
            digest: digest,
            feedback: feedback,
            logVersion: logVersion,
            feedbackVersion: feedbackVersion,
            poolVersion: poolVersion,
            isChecked: isCurrent,
            files: files
        )
    }
}

extension SwitchboardError {
    /// What an error met while copying a data directory means to who asked for it.
    init(copying error: any Error, path: String, doing: String) {
        switch error {
        case let error as SwitchboardError: self = error
        case is CancellationError: self.init(.cancelled, "interrupted; what was copied does not count")
        case let error as SystemCallError where error.code == .noSpace:
            self.init(.resourceExhausted, "cannot \(doing) \(path): the disk is full", cause: error)
        case let error as SystemCallError:
            self.init(.failedPrecondition, "cannot \(doing) \(path): \(error)", cause: error)
        case is DatabaseError, is UnreadableColumn, is RowDecodingError:
            self.init(store: error, path: path, doing: doing)
        default:
            self.init(.failedPrecondition, "cannot \(doing) \(path): \(error.localizedDescription)", cause: error)
        }
    }
}
