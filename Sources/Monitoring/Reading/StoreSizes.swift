internal import Glibc

/// How much disk the stores of a data directory take.
///
/// Each entry of the directory is a store, named by what stands before the first dot, so that `log.sqlite` and
/// `log.sqlite-wal` are `log`. Links are not followed. What vanishes while it is read is left out.
package struct StoreSizes: Sendable, Equatable {
    /// Bytes of disk by store, as the file system counts them: blocks, not lengths.
    package let bytes: [String: UInt64]
    /// What the disk still takes from this user; nil where the system does not say.
    package let freeBytes: UInt64?

    /// Reads the folder: a system call for each file.
    package init(directory path: String) {
        var bytes: [String: UInt64] = [:]
        for name in names(inDirectory: path) ?? [] {
            let store = name.prefix { $0 != "." }
            bytes[store.isEmpty ? "hidden" : String(store), default: 0] += Self.size(path + "/" + name)
        }
        self.bytes = bytes
        var figures = statvfs()
        freeBytes = statvfs(path, &figures) == 0 ? UInt64(figures.f_bavail) * UInt64(figures.f_frsize) : nil
    }

    private static func size(_ path: String) -> UInt64 {
        var figures = stat()
        guard lstat(path, &figures) == 0 else { return 0 }
        let own = UInt64(figures.st_blocks) * 512
        guard figures.st_mode & S_IFMT == S_IFDIR else { return own }
        return (names(inDirectory: path) ?? []).reduce(own) { $0 + size(path + "/" + $1) }
    }
}
