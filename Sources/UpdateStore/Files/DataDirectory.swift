package import Core
internal import Glibc

/// The folder with all that a node must not lose: the log, the feedback, the pool, keys.
///
/// Holding a value means holding the folder's lock, so whoever opens a store in it is the only one. Made by the start
/// of a node, on any thread (it blocks for a few system calls); the lock is given back when the last reference goes.
/// It does not open the stores.
package final class DataDirectory: Sendable {
    /// A node does not start with less on its disk.
    package static let minimumFreeBytes: UInt64 = 16 << 20

    package let path: String
    private let lock: DirectoryLock

    /// Makes what is missing (readable by its owner alone) and takes the lock.
    ///
    /// - Parameters:
    ///   - path: made with its parents if it is not there.
    ///   - minimumFreeBytes: less free space on its disk is refused at once rather than at the first write.
    /// - Throws: `.failedPrecondition` where another process holds it (named by its id), or it cannot be written;
    ///   `.resourceExhausted` where its disk is full.
    package init(_ path: String, minimumFreeBytes: UInt64 = DataDirectory.minimumFreeBytes) throws(SwitchboardError) {
        let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        self.path = path
        do {
            try Self.makeDirectory(path, withParents: true)
            lock = try DirectoryLock(path: Self.lockPath(in: path))
            for folder in ["runs", "keys", "models", "segments", "snapshots"] {
                try Self.makeDirectory(path + "/" + folder, withParents: false)
            }
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

    /// The key pair of the node that runs on it.
    package var nodeKeyPath: String { Self.nodeKeyPath(in: path) }
    package var auditPath: String { path + "/audit.jsonl" }

    package static func nodeKeyPath(in path: String) -> String { path + "/keys/node.key" }

    /// Of the data directory at a path.
    package static func lockPath(in path: String) -> String { path + "/LOCK" }

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
        default:
            SwitchboardError(.failedPrecondition, "the data directory \(path) cannot be used", cause: error)
        }
    }
}
