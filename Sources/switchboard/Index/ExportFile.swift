import Core
import Foundation
import Synchronization

/// Where what a command makes goes: stdout, or a file that appears when it is whole, and until then is what it was.
///
/// A device or a pipe is written to and never replaced; of a link what it points at is replaced. Used by one task at a time.
final class ExportFile: Sendable {
    private let path: String?
    private let temporary: String
    private let handle: FileHandle
    private let written = Mutex(0)

    /// So many were written.
    var bytes: Int { written.withLock { $0 } }

    /// - Parameter path: nil: stdout.
    /// - Throws: `CommandFailure` where it cannot be written.
    init(_ path: String?) throws {
        guard let path else {
            self.path = nil
            temporary = ""
            handle = .standardOutput
            return
        }
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
            // A device or a pipe is written to as it is; a folder cannot be.
            guard let handle = FileHandle(forWritingAtPath: path) else {
                throw CommandFailure("\(path) is no file that could be written")
            }
            self.path = nil
            temporary = ""
            self.handle = handle
            return
        }
        let place = Self.destination(of: path)
        self.path = place
        temporary = "\(place).\(ProcessInfo.processInfo.processIdentifier).part"
        guard FileManager.default.createFile(atPath: temporary, contents: nil),
            let handle = FileHandle(forWritingAtPath: temporary)
        else {
            throw CommandFailure("\(path) cannot be written; is its folder there, and may this user write to it?")
        }
        self.handle = handle
    }

    /// Where a link leads, such as that of `/dev/stdout`; a path itself where it is none, or leads nowhere.
    private static func destination(of path: String) -> String {
        guard let found = realpath(path, nil) else { return path }
        defer { free(found) }
        return String(cString: found)
    }

    /// Runs what writes the file, which gets its place when that is done, and is taken away where that fails.
    ///
    /// - Parameter path: nil: stdout.
    static func writing<Result>(
        _ path: String?,
        _ body: (ExportFile) async throws -> Result,
    ) async throws -> Result {
        let file = try ExportFile(path)
        do {
            let result = try await body(file)
            try file.keep()
            return result
        } catch {
            file.discard()
            throw error
        }
    }

    /// Writes all that is to be in a file.
    static func write(_ data: Data, to path: String) throws {
        let file = try ExportFile(path)
        do {
            try file.write(data)
            try file.keep()
        } catch {
            file.discard()
            throw error
        }
    }

    func write(_ text: String) throws { try write(Data(text.utf8)) }

    func write(_ data: Data) throws {
        do {
            try handle.write(contentsOf: data)
            written.withLock { $0 += data.count }
        } catch {
            throw CommandFailure("\(path ?? "stdout") cannot be written: \(error.localizedDescription)")
        }
    }

    /// Puts the file in its place.
    func keep() throws {
        guard let path else { return }
        do {
            try handle.synchronize()
            try handle.close()
        } catch {
            throw CommandFailure("\(path) cannot be written: \(error.localizedDescription)")
        }
        guard rename(temporary, path) == 0 else {
            throw CommandFailure("\(path) cannot be replaced: \(String(cString: strerror(errno)))")
        }
    }

    /// Takes away what was written so far.
    func discard() {
        if path != nil { unlink(temporary) }
    }
}
