package import Core
internal import Foundation
internal import Glibc

/// The folder with all that a node must not lose: the log, the feedback, the pool, keys.
///
/// Holding a value means holding the folder's lock, so whoever opens a store in it is the only one. Made by the start
/// of a node, on any thread (it blocks for a few system calls); the lock is given back when the last reference goes.
/// It does not open the stores.
package final class DataDirectory: Sendable {
    /// A node does not start with less on its disk.
    package static let minimumFreeBytes: UInt64 = 16 << 20

    private static let folders = ["runs", "keys", "models", "segments", "snapshots"]

    package let path: String
    private let lock: DirectoryLock

    /// Makes what is missing (readable by its owner alone) and takes the lock.
    ///
    /// - Parameters:
    ///   - path: made with its parents if it is not there.
    ///   - minimumFreeBytes: less free space on its disk is refused at once rather than at the first write.
    /// - Throws: `.failedPrecondition` where another process holds it (named by its id), or it cannot be written;
    ///   `.resourceExhausted` where its disk is full.
    package convenience init(
        _ path: String,
        minimumFreeBytes: UInt64 = DataDirectory.minimumFreeBytes,
    ) throws(SwitchboardError) {
        try self.init(path, minimumFreeBytes: minimumFreeBytes, isBeingRestored: false)
    }

    /// - Parameter isBeingRestored: takes a folder too that a restore has begun to fill.
    init(_ path: String, minimumFreeBytes: UInt64, isBeingRestored: Bool) throws(SwitchboardError) {
        let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        self.path = path
        do {
            try Self.requireNoBackup(path)
            try Self.makeDirectory(path, withParents: true)
            lock = try DirectoryLock(path: Self.lockPath(in: path))
            guard isBeingRestored || access(Self.restoringPath(in: path), F_OK) != 0 else {
                throw SwitchboardError(
                    .failedPrecondition,
                    "a restore into \(path) was begun and not finished; empty the folder and restore again"
                )
            }
            for folder in Self.folders {
                try Self.makeDirectory(path + "/" + folder, withParents: false)
            }
            // Every backup has it then, so that purges of later can be applied to what is restored.
            _ = try PurgeKey(in: path)
        } catch let error as SystemCallError {
            throw Self.explained(error, path: path)
        } catch let error as SwitchboardError {
            throw error
        } catch {
            throw SwitchboardError(.internal, "the data directory \(path) cannot be opened", cause: error)
        }
        let free = try Self.freeBytes(at: path)
        guard free >= minimumFreeBytes else {
            throw SwitchboardError(
                .resourceExhausted,
                "the disk of the data directory \(path) has \(free >> 20) MiB free; "
                    + "at least \(minimumFreeBytes >> 20) MiB are needed to start",
            )
        }
    }

    package var logPath: String { path + "/log.sqlite" }
    package var feedbackPath: String { path + "/feedback.sqlite" }
    package var poolPath: String { path + "/pool.sqlite" }
    /// Of the runs of discovery, a folder each, and what they proposed.
    package var runsPath: String { path + "/runs" }
    package var reviewPath: String { runsPath + "/review.sqlite" }
    package var snapshots: SnapshotFolder { SnapshotFolder(path + "/snapshots") }

    /// The key pair of the node that runs on it.
    package var nodeKeyPath: String { Self.nodeKeyPath(in: path) }
    package var auditPath: String { path + "/audit.jsonl" }

    package static func nodeKeyPath(in path: String) -> String { path + "/keys/node.key" }

    /// Of the data directory at a path.
    package static func lockPath(in path: String) -> String { path + "/LOCK" }

    /// Stands while a backup is being restored into a data directory.
    static func restoringPath(in path: String) -> String { path + "/RESTORING" }

    /// A node on a backup would change its files, so that it can be restored no more, and its log would go on as the one that
    /// was backed up, which may go on elsewhere.
    ///
    /// - Throws: `.failedPrecondition` for a folder that is a backup.
    package static func requireNoBackup(_ path: String) throws(SwitchboardError) {
        guard access("\(path)/\(BackupManifest.name)", F_OK) == 0 else { return }
        throw SwitchboardError(
            .failedPrecondition,
            "\(path) is a backup (there is \(BackupManifest.name)), on which no node runs; make a data directory of it: "
                + "switchboard restore \(path) --data FOLDER"
        )
    }

    /// What somebody put into a folder or a node wrote there; nothing where it is not there, or was made and never used.
    static func contents(of path: String) -> [String] {
        let files = FileManager.default
        func names(_ folder: String) -> [String] { (try? files.contentsOfDirectory(atPath: folder)) ?? [] }
        guard files.fileExists(atPath: path) else { return [] }
        var isFolder: ObjCBool = false
        guard files.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else { return ["a file"] }
        return names(path).sorted().filter { name in
            if name == "LOCK" || name == "lost+found" { return false }
            guard folders.contains(name) else { return true }
            // Each has a key of its own from the start.
            return !names("\(path)/\(name)").allSatisfy { "\(path)/\(name)/\($0)" == PurgeKey.path(in: path) }
        }
    }

    /// Something was erased from a store of a data directory, and its file has not been written anew since.
    package static func hasTraces(of store: String, in path: String) -> Bool { StoreFile.hasTraces("\(path)/\(store)") }

    /// A log is begun only where there was none: one that was lost must not come back as an empty one.
    ///
    /// - Throws: `.failedPrecondition` where there is no log, but what goes with one.
    package static func requireLogIfUsed(in path: String) throws(SwitchboardError) {
        let log = path + "/log.sqlite"
        // One that is empty says as little as none.
        guard access(log, F_OK) != 0 || StoreFile.bytes(at: log) == 0 else { return }
        let files = FileManager.default
        var signs = ["log.sqlite-wal", "feedback.sqlite", PurgeList.name, RevocationList.name].filter {
            files.fileExists(atPath: "\(path)/\($0)")
        }
        signs += ["models", "snapshots"].filter {
            (try? files.contentsOfDirectory(atPath: "\(path)/\($0)"))?.isEmpty == false
        }.map { $0 + "/" }
        guard !signs.isEmpty else { return }
        throw SwitchboardError(
            .failedPrecondition,
            "the data directory \(path) has been used (there is \(signs.joined(separator: ", "))), but its log.sqlite is "
                + "gone or empty; a new log would forget all exemplars. Put log.sqlite back, or restore a backup into an empty folder "
                + "(`switchboard restore`). To begin with an empty index on purpose, name another folder with --data, or "
                + "move these away first"
        )
    }

    /// Keeps a folder that was named by mistake from becoming a data directory.
    ///
    /// - Throws: `.failedPrecondition` for one that has no log, but files that no node wrote.
    package static func requireOwnOrEmpty(_ path: String) throws(SwitchboardError) {
        var isFolder: ObjCBool = false
        guard access(path + "/log.sqlite", F_OK) != 0,
            FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue
        else { return }
        let others = contents(of: path).filter { name in
            !folders.contains(name) && !ownBeginnings.contains { name.hasPrefix($0) } && !name.hasSuffix(".gguf")
        }
        guard !others.isEmpty else { return }
        throw SwitchboardError(
            .failedPrecondition,
            "\(path) is no data directory (there is \(others.prefix(3).joined(separator: ", ")), and no log.sqlite); name "
                + "one, or a folder that is empty or not there yet, with --data"
        )
    }

    /// What files of a data directory begin with, and what a folder may hold that says nothing of its use.
    private static let ownBeginnings = [
        ".", "log.sqlite", "feedback.sqlite", "pool.sqlite", "audit.jsonl", PurgeList.name, RevocationList.name,
        "RESTORING",
    ]

    /// Deletes what was made from the log and is made again: it may hold what has been erased from the log since.
    static func removeCopies(in path: String, andSnapshots: Bool) throws {
        for folder in ["segments"] + (andSnapshots ? ["snapshots"] : []) {
            let files = FileManager.default
            for name in (try? files.contentsOfDirectory(atPath: "\(path)/\(folder)")) ?? [] {
                try files.removeItem(atPath: "\(path)/\(folder)/\(name)")
            }
        }
    }

    /// What the disk of a path still takes from this user.
    package static func freeBytes(at path: String) throws(SwitchboardError) -> UInt64 {
        var figures = statvfs()
        do {
            try SystemCallError.checked("statvfs \(path)") { statvfs(path, &figures) }
        } catch {
            throw explained(error, path: path)
        }
        return UInt64(figures.f_bavail) * UInt64(figures.f_frsize)
    }

    private static func makeDirectory(_ path: String, withParents: Bool) throws(SystemCallError) {
        do {
            try SystemCallError.checked("mkdir \(path)") { mkdir(path, 0o700) }
        } catch {
            if error.code == .exists { return }
            let parent = self.parent(of: path)
            guard withParents, error.code == .notFound, parent != path else { throw error }
            try makeDirectory(parent, withParents: true)
            try SystemCallError.checked("mkdir \(path)") { mkdir(path, 0o700) }
        }
        // The entry itself has to survive a power cut too.
        let parent = self.parent(of: path)
        let descriptor = try SystemCallError.checked("open \(parent)") { open(parent, O_RDONLY | O_CLOEXEC) }
        defer { close(descriptor) }
        try SystemCallError.checked("fsync \(parent)") { fsync(descriptor) }
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func explained(_ error: SystemCallError, path: String) -> SwitchboardError {
        switch error.code {
        case .accessDenied, .notPermitted, .readOnly:
            SwitchboardError(
                .failedPrecondition,
                "the data directory \(path) cannot be written; its owner has to be the node's user, on a disk that is "
                    + "not read-only",
                cause: error,
            )
        case .noSpace:
            SwitchboardError(
                .resourceExhausted,
                "the disk of the data directory \(path) is full; free some space",
                cause: error
            )
        case .notDirectory:
            SwitchboardError(
                .failedPrecondition,
                "the data directory \(path) is a file, or lies below one; name a folder with --data",
                cause: error
            )
        default:
            SwitchboardError(.failedPrecondition, "the data directory \(path) cannot be used: \(error)", cause: error)
        }
    }
}
