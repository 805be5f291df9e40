internal import Glibc

/// Small files of a data directory that are on disk when a call returns, readable by their owner alone.
enum DurableFile {
    /// Makes an empty one, or leaves the one that is there.
    static func touch(_ path: String) throws(SystemCallError) {
        try append([], to: path)
    }

    /// - Parameter mustBeNew: one that is there already is an error.
    static func append(_ bytes: [UInt8], to path: String, mustBeNew: Bool = false) throws(SystemCallError) {
        let flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (mustBeNew ? O_EXCL : 0)
        let descriptor = try SystemCallError.checked("open \(path)") { open(path, flags, 0o600) }
        defer { close(descriptor) }
        var done = 0
        while done < bytes.count {
            let rest = bytes[done...]
            done += Int(
                try SystemCallError.checked("write \(path)") {
                    Int32(rest.withUnsafeBytes { write(descriptor, $0.baseAddress, min($0.count, 1 << 30)) })
                }
            )
        }
        try SystemCallError.checked("fsync \(path)") { fsync(descriptor) }
        try synchronize(folder: StoreFile.folder(of: path))
    }

    /// Its entries survive a power cut when this returns.
    static func synchronize(folder: String) throws(SystemCallError) {
        let descriptor = try SystemCallError.checked("open \(folder)") { open(folder, O_RDONLY | O_CLOEXEC) }
        defer { close(descriptor) }
        try SystemCallError.checked("fsync \(folder)") { fsync(descriptor) }
    }
}
