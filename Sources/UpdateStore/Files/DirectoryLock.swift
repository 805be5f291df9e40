internal import Core
internal import Glibc

/// An exclusive lock on a file, held until this value is gone; the system drops it when the process dies.
///
/// The file holds the process id of who has it, for the message to who comes second. It is never deleted: a lock on a
/// deleted file would exclude nobody.
package struct DirectoryLock: ~Copyable {
    /// How a lock stands for somebody who only looks.
    package enum Standing: Sendable {
        /// Nobody ever took it.
        case absent
        case free
        /// By this process, where the file names it.
        case held(by: Int32?)
        case unknown(SystemCallError)
    }

    private let descriptor: Int32

    /// - Throws: `.failedPrecondition` where another process has the lock, naming it; `SystemCallError` otherwise.
    init(path: String) throws {
        descriptor = try Self.locked(path)
    }

    private init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Keeps others from taking the lock, and leaves the file as it is.
    ///
    /// - Returns: nil where there is no such file: nobody ever took the lock.
    /// - Throws: `.failedPrecondition` where another process has the lock, naming it; `SystemCallError` otherwise.
    static func shared(path: String) throws -> DirectoryLock? {
        guard let (descriptor, isLocked) = try openShared(path) else { return nil }
        guard isLocked else {
            defer { close(descriptor) }
            throw held(path, by: read(descriptor))
        }
        return DirectoryLock(descriptor: descriptor)
    }

    /// Looks at the lock at a path and leaves all as it is.
    package static func standing(of path: String) -> Standing {
        do throws(SystemCallError) {
            guard let (descriptor, isLocked) = try openShared(path) else { return .absent }
            defer { close(descriptor) }
            return isLocked ? .free : .held(by: read(descriptor))
        } catch {
            return .unknown(error)
        }
    }

    /// Opens the file and takes the lock beside others who do the same, unless somebody has it for himself.
    ///
    /// - Returns: nil where there is no such file.
    private static func openShared(_ path: String) throws(SystemCallError) -> (descriptor: Int32, isLocked: Bool)? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let code = SystemCallError.Code(rawValue: errno)
            guard code != .notFound else { return nil }
            throw SystemCallError(code: code, operation: "open \(path)")
        }
        do {
            try SystemCallError.checked("flock \(path)") { flock(descriptor, LOCK_SH | LOCK_NB) }
            return (descriptor, true)
        } catch {
            if error.code == .wouldBlock { return (descriptor, false) }
            close(descriptor)
            throw error
        }
    }

    deinit {
        // Closing drops the lock; there is nobody left to tell of a failure.
        close(descriptor)
    }

    private static func locked(_ path: String) throws -> Int32 {
        let descriptor = try SystemCallError.checked("open \(path)") {
            open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        }
        do {
            try SystemCallError.checked("flock \(path)") { flock(descriptor, LOCK_EX | LOCK_NB) }
            try write("\(getpid())\n", to: descriptor, path: path)
            return descriptor
        } catch {
            let holder = error.code == .wouldBlock ? read(descriptor) : nil
            close(descriptor)
            guard error.code == .wouldBlock else { throw error }
            throw held(path, by: holder)
        }
    }

    private static func held(_ path: String, by holder: Int32?) -> SwitchboardError {
        SwitchboardError(
            .failedPrecondition,
            "another node\(holder.map { " (process \($0))" } ?? "") holds \(path); stop it, or give this one "
                + "a data directory of its own",
        )
    }

    private static func write(_ text: String, to descriptor: Int32, path: String) throws(SystemCallError) {
        try SystemCallError.checked("truncate \(path)") { ftruncate(descriptor, 0) }
        try SystemCallError.checked("write \(path)") { Int32(pwrite(descriptor, text, text.utf8.count, 0)) }
    }

    private static func read(_ descriptor: Int32) -> Int32? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        return count > 0
            ? Int32(String(decoding: bytes[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)) : nil
    }
}
