import Core
import Foundation

/// Where an export goes: stdout, or a file that appears when it is whole.
///
/// Used by one task.
final class ExportFile {
    private let path: String?
    private let temporary: String
    private let handle: FileHandle
    private(set) var bytes = 0

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
        self.path = path
        temporary = "\(path).\(ProcessInfo.processInfo.processIdentifier).part"
        guard FileManager.default.createFile(atPath: temporary, contents: nil),
            let handle = FileHandle(forWritingAtPath: temporary)
        else {
            throw CommandFailure("\(path) cannot be written; is its folder there, and may this user write to it?")
        }
        self.handle = handle
    }

    func write(_ text: String) throws {
        do {
            try handle.write(contentsOf: Data(text.utf8))
            bytes += text.utf8.count
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
